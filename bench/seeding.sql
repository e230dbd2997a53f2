-- name: make_changes!
-- A change for each force and financial year, as if each had sent its year in a file; then one for each force's corrections.
with force as (
    select area, row_number() over (order by area) as number from area_version where kind = 'force' and until_change is null
), told as (
    select years.year * 43 + force.number as number, 'the year of ' || force.area as reason
    from force cross join generate_series(0, 9) as years (year)
    union all
    select 430 + force.number, 'corrections of ' || force.area from force
)
insert into change (id, at, caller, reason, trace_id)
select latest.id + told.number, latest.at + told.number * interval '10 microseconds', 'bench', told.reason, 'seeded'
from told cross join (select max(id) as id, max(at) as at from change) as latest
order by told.number;

-- name: make_places!
-- Where the records of each year can lie, and the changes that brought them and corrected them.
create temporary table seeded_place on commit drop as
select year, begins, row_number() over (partition by year order by force, district) - 1 as number, count(*) over (partition by year) as places,
       force, district, force_number, :latest - 473 + year * 43 + force_number as load_change, :latest - 43 + force_number as correction
from (select area as force, row_number() over (order by area) as force_number from area_version where kind = 'force' and until_change is null)
    as held
join (select inside.ancestor as force, place.area as district, place.from_on, place.to_on
      from area_ancestor as inside join area_version as place on place.area = inside.area and place.until_change is null
      where inside.until_change is null and inside.ancestor_kind = 'force' and place.kind = 'district') as part using (force)
join (select year, date '2012-04-01' + year * interval '1 year' as begins from generate_series(0, 9) as year) as years
  on coalesce(from_on, '-infinity') <= begins and coalesce(to_on, 'infinity') >= begins + interval '364 days';

-- name: make_codes!
-- What they can be: codes that were in use throughout.
create temporary table seeded_code on commit drop as
select code, row_number() over (order by md5(code)) - 1 as number, count(*) over () as codes
from code_version
where until_change is null and coalesce(from_on, '-infinity') <= date '2012-04-01' and coalesce(to_on, 'infinity') >= date '2022-03-31';

-- name: make_records!
-- The records of one year, in the order in which they were recorded: the same on every run, for all is a hash of their number. A code near
-- the front of the list is commoner by far, as codes are. One record of fifty was corrected once: its outcome, and each second time its code.
with drawn as (
    select n, hashint8extended(n, 1) & 2147483647 as one, hashint8extended(n, 2) & 2147483647 as two,
           hashint8extended(n, 3) & 2147483647 as three, hashint8extended(n, 4) & 2147483647 as four
    from generate_series(:first_number::bigint, :last_number) as n
), dated as (
    select drawn.*, place.*, begins + (mod(three, 365) * 86400 + 32400 + mod(four, 36000)) * interval '1 second' as recorded,
           mod(two, 50) = 0 as corrected
    from drawn
    join seeded_place as place on place.year = :year and place.number = mod(one, (select max(places) from seeded_place where year = :year))
), reported as (
    select dated.*, recorded at time zone 'UTC' as recorded_at, recorded::date as recorded_on,
           (recorded - mod(one, 72000) * interval '1 second') at time zone 'UTC' as reported_at,
           (recorded - (mod(one, 72000) + mod(two, 200000)) * interval '1 second') at time zone 'UTC' as committed,
           (array['0', '0', '14', '15', '16', '18', '18', '1', '8', '3'])[1 + mod(three, 10)] as outcome
    from dated
), versioned as (
    select reported.*, version, case version when 1 then load_change else correction end as since_change,
           case when corrected and version = 1 then correction end as until_change,
           case version when 1 then outcome else '18' end as outcome_now,
           mod(floor(codes * power(two / 2147483648.0::float8, 2.5))::bigint + case when version = 2 and mod(two, 100) = 0 then 1 else 0 end, codes)
               as code_number
    from reported cross join (select max(codes) as codes from seeded_code) as known
    cross join generate_series(1, case when corrected then 2 else 1 end) as version
)
insert into offence_version (force, offence_id, since_change, until_change, area, code, committed_from, committed_to, crime_ref, location,
                             outcome, outcome_on, recorded_at, recorded_on, reported_at, victims)
select force, (lpad(to_hex((extract(epoch from recorded_at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(mod(four, 4096)), 3, '0') || '8'
               || lpad(to_hex(n), 15, '0'))::uuid,
       since_change, until_change, district, code, committed, case when mod(three, 3) = 0 then committed end, force_number || '/' || n,
       1 + mod(four, 200) || ' High Street', outcome_now, case when outcome_now <> '0' then recorded_on + mod(two, 90)::int end, recorded_at,
       recorded_on, reported_at, case when mod(four, 10) = 0 then 2 else 1 end
from versioned join seeded_code as known on known.number = versioned.code_number
order by recorded, n, version;

-- name: cover!
-- Each force has sent all of each year.
insert into coverage (force, since_change, category, days, definition)
select force.area, :latest - 473 + years.year * 43 + force.number, 'all-crime',
       daterange((date '2012-04-01' + years.year * interval '1 year')::date, (date '2013-04-01' + years.year * interval '1 year')::date), version.definition
from (select area, row_number() over (order by area) as number from area_version where kind = 'force' and until_change is null) as force
cross join generate_series(0, 9) as years (year)
cross join category_version as version
where version.category = 'all-crime' and version.until_change is null;

-- name: cover_now!
-- And that summed up.
insert into coverage_now (force, category, definition, days) select force, category, definition, range_agg(days) from coverage group by 1, 2, 3;

-- name: count!
-- The tally of all that, as `differences` of service/offences/tally.sql counts it.
insert into tally (force, area, month, code, offences, victims)
select summed.force, above.ancestor, month, code, sum(offences), sum(victims)
from (select force, area, date_trunc('month', recorded_on::timestamp)::date as month, code, count(*) as offences, sum(victims) as victims
      from offence where status = 'recorded' group by 1, 2, 3, 4) as summed
join area_ancestor as above on above.area = summed.area and above.until_change is null
where above.ancestor_kind <> 'beat'
group by 1, 2, 3, 4
order by 1, 2, 3, 4;

-- name: count_by_category!
-- And by category.
insert into category_tally (force, area, category, month, offences, victims)
select force, area, category, month, offences, victims from tally_by_category order by 2, 3, 4;
