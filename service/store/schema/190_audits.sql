-- migrate:up

-- What auditors ask of many records at once: which are concerned, and how they are spread. What is
-- counted is counted in the name of the owner, as all figures are, and names no record.

-- What is said of the records of a period and is no person's: the same records as `records_within`,
-- unnamed.
create function said_of_records_within(
    areas text[], category text, first date, last date, as_of bigint
) returns table (
    asked text, cancelled_reason text, code text, hours_to_record numeric, outcome text,
    recorded_in_time boolean, reported boolean, status text
)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select
                held.asked,
                held.cancelled_reason,
                held.code,
                held.hours_to_record,
                held.outcome,
                held.recorded_in_time,
                held.reported_at is not null,
                held.status
            from records_within(
                said_of_records_within.areas, said_of_records_within.category,
                said_of_records_within.first, said_of_records_within.last,
                said_of_records_within.as_of
            ) as held;
    end if;
end
$$;
revoke all on function said_of_records_within from public;
grant execute on function said_of_records_within to crimebook_service;

-- The records that a sample is drawn from, each with its stratum; all in one where they are not
-- stratified.
create function sampled_records(
    areas text[], category text, first date, last date, status text, stratify text, as_of bigint
) returns table (force text, offence_id uuid, since_change bigint, stratum text)
language sql stable parallel safe as $$
    select
        held.force,
        held.offence_id,
        held.since_change,
        case sampled_records.stratify
            when 'area' then coalesce(
                (
                    select jsonb_object_agg(place.area, place.district)
                    from district_of(sampled_records.as_of) as place
                ) ->> held.area,
                held.area)
            when 'code' then held.code
            when 'force' then held.force
            when 'month' then to_char(held.recorded_on, 'YYYY-MM')
            when 'outcome' then held.outcome
            when 'status' then held.status
            else 'all'
        end
    from records_within(
        sampled_records.areas, sampled_records.category, sampled_records.first,
        sampled_records.last, sampled_records.as_of
    ) as held
    where sampled_records.status = 'any' or held.status = sampled_records.status
$$;

-- Every reclassification of the records of these days, counting or cancelled, as known at a change:
-- two versions of a record, one after the other, of different codes. Of a category are those that
-- left it and those that came into it.
create function reclassified(areas text[], category text, first date, last date, as_of bigint)
returns table (
    asked text, force text, offence_id uuid, change bigint, from_code text, to_code text,
    decided_by text, reason text, recorded_on date
)
language sql stable parallel safe as $$
    select
        record.asked,
        record.force,
        record.offence_id,
        now.since_change,
        earlier.code,
        now.code,
        now.decided_by,
        now.reason,
        record.recorded_on
    from records_within(
        reclassified.areas, null, reclassified.first, reclassified.last, reclassified.as_of
    ) as record
    join offence_version as earlier
      on earlier.force = record.force
     and earlier.offence_id = record.offence_id
     and earlier.until_change <= reclassified.as_of
    join offence_version as now
      on now.force = earlier.force
     and now.offence_id = earlier.offence_id
     and now.since_change = earlier.until_change
    where earlier.code <> now.code and exists (
        select from category_member(reclassified.category, reclassified.as_of) as member
        where member.code in (earlier.code, now.code)
          and coalesce(member.from_on, '-infinity') <= record.recorded_on
          and coalesce(member.to_on, 'infinity') >= record.recorded_on)
$$;

-- From which code to which were records reclassified, how often, and how many of them?
create function reclassifications_counted(
    areas text[], category text, first date, last date, as_of bigint
) returns table (
    asked text, from_code text, to_code text, reclassifications bigint, records bigint
)
language plpgsql stable parallel safe security definer
set search_path = public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select
                moved.asked,
                moved.from_code,
                moved.to_code,
                count(*),
                count(distinct moved.offence_id)
            from reclassified(
                reclassifications_counted.areas, reclassifications_counted.category,
                reclassifications_counted.first, reclassifications_counted.last,
                reclassifications_counted.as_of
            ) as moved
            group by 1, 2, 3;
    end if;
end
$$;
revoke all on function reclassifications_counted from public;
grant execute on function reclassifications_counted to crimebook_service;

-- migrate:down
