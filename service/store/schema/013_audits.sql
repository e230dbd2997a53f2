-- migrate:up

-- What auditors ask of many records at once: which are concerned, how they are spread, how sure a share of them is.

-- A share with its Wilson 95 per cent interval, without continuity correction, rounded once; of none there is no share.
create function wilson(counted numeric, among bigint) returns table (share numeric, low numeric, high numeric)
language sql immutable parallel safe as $$
    select round(p::numeric, 4), round(case when among > 0 then greatest(middle - spread, 0) end::numeric, 4),
           round(case when among > 0 then least(middle + spread, 1) end::numeric, 4)
    from (select counted::float8 / nullif(among, 0) as p, nullif(among, 0)::float8 as n, 1.959963984540054::float8 ^ 2 as z2) as given
    cross join lateral (select (p + z2 / (2 * n)) / (1 + z2 / n) as middle,
                               sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n ^ 2))) / (1 + z2 / n) as spread) as worked
$$;
comment on function wilson is 'A share and the Wilson interval that holds the true one in 95 samples of 100; all null where it is a share of none.';

-- The records of these days, counting or cancelled, as known at a change, once for each area asked that they lie in. No areas: every
-- record once, for its own area. No category: of every code. Inlined, so that constants meet the indexes.
create function records_within(areas text[], category text, first date, last date, as_of bigint)
returns table (asked text, force text, offence_id uuid, since_change bigint, area text, cancelled_reason text, code text, hours_to_record numeric,
               outcome text, recorded_in_time boolean, recorded_on date, reported_at timestamptz, status text)
language sql stable parallel safe as $$
    select inside.ancestor, held.force, held.offence_id, held.since_change, held.area, held.cancelled_reason, held.code, held.hours_to_record,
           held.outcome, held.recorded_in_time, held.recorded_on, held.reported_at, held.status
    from area_ancestor as inside
    join offence_version as held on held.area = inside.area
    left join category_member(records_within.category, records_within.as_of) as member
      on member.code = held.code and held.recorded_on between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
    where (inside.ancestor = any (records_within.areas) or records_within.areas is null and inside.ancestor = inside.area)
      and known_at(inside.since_change, inside.until_change, records_within.as_of)
      and held.recorded_on between records_within.first and records_within.last
      and known_at(held.since_change, held.until_change, records_within.as_of)
      and (records_within.category is null or member.code is not null)
$$;

-- In which district is a place? It, where it is one; else the lowest that it lies in; none for a place that lies in none, like a force.
create function district_of(as_of bigint) returns table (area text, district text) language sql stable parallel safe as $$
    select distinct on (inside.area) inside.area, inside.ancestor
    from area_ancestor as inside
    join area_ancestor as above on above.area = inside.ancestor and known_at(above.since_change, above.until_change, district_of.as_of)
    where inside.ancestor_kind = 'district' and known_at(inside.since_change, inside.until_change, district_of.as_of)
    group by inside.area, inside.ancestor
    order by inside.area, count(*) desc, inside.ancestor
$$;
comment on function district_of is 'The district of each place: of several, the one that lies in the most others, and so lies in those that took over its land.';

-- The records that a sample is drawn from, each with its stratum; all in one where they are not stratified.
create function sampled_records(areas text[], category text, first date, last date, status text, stratify text, as_of bigint)
returns table (force text, offence_id uuid, since_change bigint, stratum text) language sql stable parallel safe as $$
    select held.force, held.offence_id, held.since_change,
           case sampled_records.stratify
               when 'area' then coalesce(
                   (select jsonb_object_agg(place.area, place.district) from district_of(sampled_records.as_of) as place) ->> held.area, held.area)
               when 'code' then held.code
               when 'force' then held.force
               when 'month' then to_char(held.recorded_on, 'YYYY-MM')
               when 'outcome' then held.outcome
               when 'status' then held.status
               else 'all'
           end
    from records_within(sampled_records.areas, sampled_records.category, sampled_records.first, sampled_records.last, sampled_records.as_of) as held
    where sampled_records.status = 'any' or held.status = sampled_records.status
$$;

-- Every reclassification of the records of these days, counting or cancelled, as known at a change: two versions of a record, one after
-- the other, of different codes. Of a category are those that left it and those that came into it.
create function reclassified(areas text[], category text, first date, last date, as_of bigint)
returns table (asked text, force text, offence_id uuid, change bigint, from_code text, to_code text, decided_by text, reason text,
               recorded_on date)
language sql stable parallel safe as $$
    select record.asked, record.force, record.offence_id, now.since_change, earlier.code, now.code, now.decided_by, now.reason,
           record.recorded_on
    from records_within(reclassified.areas, null, reclassified.first, reclassified.last, reclassified.as_of) as record
    join offence_version as earlier on earlier.force = record.force and earlier.offence_id = record.offence_id
     and earlier.until_change <= reclassified.as_of
    join offence_version as now on now.force = earlier.force and now.offence_id = earlier.offence_id
     and now.since_change = earlier.until_change
    where earlier.code <> now.code and exists (
        select from category_member(reclassified.category, reclassified.as_of) as member
        where member.code in (earlier.code, now.code) and coalesce(member.from_on, '-infinity') <= record.recorded_on
          and coalesce(member.to_on, 'infinity') >= record.recorded_on)
$$;

-- migrate:down
drop function reclassified;
drop function sampled_records;
drop function district_of;
drop function records_within;
drop function wilson;
