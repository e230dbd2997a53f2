-- name: set^
-- Begin a target, or a version of one.
insert into target_version (target_id, since_change, area, base_from, base_period, base_to, category, kind, measure, name, owner, percent,
                            period, period_from, period_to, set_on)
values (:target_id, :change, :area, :base_from, :base_period, :base_to, :category, :kind, :measure, :name, :owner, :percent,
        :period, :period_from, :period_to, :set_on)
returning *;

-- name: end!
-- End the version that was seen.
update target_version set until_change = :change where target_id = :target_id and since_change = :seen and until_change is null;

-- name: read^
-- What is this target?
select * from target_version where target_id = :target_id and known_at(since_change, until_change, :as_of);

-- name: list
-- Which targets are there?
select * from target_version
where known_at(since_change, until_change, :as_of)
  and (:area::text is null or area = :area) and (:category::text is null or category = :category)
  and (:after_target_id::uuid is null or target_id > :after_target_id)
order by target_id
limit :limit;

-- name: progress^
-- How do base and actual stand to a reduction by so many per cent?
select ceiling, ceiling - :actual as distance,
       case when :base > ceiling then round(100.0 * (:base - :actual) / (:base - ceiling), 1) end as share_of_the_way,
       case when not :complete then 'too_early' when :actual < ceiling then 'exceeded' when :actual = ceiling then 'met' else 'missed' end as status,
       'ceiling = base × (1 − percent / 100); exceeded below it, met on it, missed above it, too_early while a period is incomplete' as rule
from (select :base * (1 - :percent::numeric / 100) as ceiling) as worked;
