-- name: count_change!
-- Bring the counts up to date with what this change did to one force's records: what it opened counts, what it closed no longer does.
insert into tally as held (force, area, month, code, offences, victims)
select moved.force, above.ancestor, date_trunc('month', moved.recorded_on)::date, moved.code, sum(moved.sign), sum(moved.sign * moved.victims)
from (
    select force, area, recorded_on, code, victims, 1 as sign from offence_version
    where force = :force and since_change = :change and status = 'recorded'
    union all
    select force, area, recorded_on, code, victims, -1 from offence_version
    where force = :force and until_change = :change and status = 'recorded'
) as moved
join area_ancestor as above on above.area = moved.area and above.until_change is null
 and above.ancestor_kind in ('district', 'partnership', 'force', 'body')
group by 1, 2, 3, 4
having sum(moved.sign) <> 0 or sum(moved.sign * moved.victims) <> 0
on conflict (force, area, month, code) do update
set offences = held.offences + excluded.offences, victims = held.victims + excluded.victims;

-- name: forget_moved_areas!
-- Areas whose land this change redrew lose their counts…
delete from tally where area in (
    select ancestor from area_ancestor where since_change = :change or until_change = :change);

-- name: count_moved_areas!
-- …and are counted again from the records.
insert into tally (force, area, month, code, offences, victims)
select offence.force, above.ancestor, date_trunc('month', recorded_on)::date, code, count(*), sum(victims)
from offence join area_ancestor as above on above.area = offence.area and above.until_change is null
where status = 'recorded' and above.ancestor_kind in ('district', 'partnership', 'force', 'body')
  and above.ancestor in (select ancestor from area_ancestor where since_change = :change or until_change = :change)
group by 1, 2, 3, 4;

-- name: differences
-- Where do the counts kept and the records disagree? No rows is the proof that they agree.
with counted as (
    select offence.force, above.ancestor as area, date_trunc('month', recorded_on)::date as month, code,
           count(*) as offences, sum(victims) as victims
    from offence join area_ancestor as above on above.area = offence.area and above.until_change is null
    where status = 'recorded' and above.ancestor_kind in ('district', 'partnership', 'force', 'body')
    group by 1, 2, 3, 4
)
select force, area, month, code, counted.offences as records, tally.offences as tally,
       counted.victims as victims_in_records, tally.victims as victims_in_tally
from counted full join tally using (force, area, month, code)
where (coalesce(counted.offences, 0), coalesce(counted.victims, 0)) <> (coalesce(tally.offences, 0), coalesce(tally.victims, 0))
order by 1, 2, 3, 4
limit 100;

-- name: cells^
-- How many counts are kept, and of how many records?
select (select count(*) from tally) as cells, (select count(*) from offence where status = 'recorded') as records;
