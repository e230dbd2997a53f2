-- name: list
-- Which outcomes are there?
select type.*, positive.outcome is not null as positive, positive.source as positive_source
from outcome_type as type
left join positive_outcome as positive using (outcome)
where :after_position::bigint is null or position > :after_position
order by position
limit :limit
;
