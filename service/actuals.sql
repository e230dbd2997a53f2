-- name: recorded_to$
-- Up to which day of the span is every record held from its first day on, of every force concerned?
select case when bool_and(run.last_day is not null) then min(run.last_day) end
from days_held(array[:area::text], array[:category::text], :from_on::date, :to_on::date, :as_of) as held
left join lateral (
    select least(upper(span) - 1, :to_on::date) as last_day from unnest(held.days) as span where span @> :from_on::date
) as run on true;

-- name: days_returned
-- On which days of the span, the latest first, does a period end that a source counts for the area or for anything within it?
select distinct cell.to_on
from return
join return_cell as cell using (return_id)
join area_ancestor as inside on inside.area = cell.area and inside.ancestor = :area and known_at(inside.since_change, inside.until_change, :as_of)
where return.source = :source and return.change <= :as_of and cell.from_on >= :from_on and cell.to_on <= :to_on
order by cell.to_on desc;
