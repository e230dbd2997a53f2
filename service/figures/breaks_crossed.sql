-- name: concerning
-- Which breaks after one day and up to another concern these categories?
select *
from break_concerning(:categories, :after, :until, :as_of)
order by from_on, series_break, category
;
