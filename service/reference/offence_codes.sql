-- name: read^
-- What is known of this code?
select *
from codes_known(:as_of)
where code = :code
;

-- name: list
-- Which codes are there, and which could be used on that day?
select *
from codes_known(:as_of)
where
    (
        :on::date is null
        or :on between coalesce(from_on, '-infinity') and coalesce(to_on, 'infinity')
    )
    and (:after_code::text is null or code > :after_code)
order by code
limit :limit
;

-- name: know!
-- Make sure that each code can be pointed at.
insert into known_code (code, since_change)
select draft.code, :change
from jsonb_to_recordset(:drafts) as draft(code text)
on conflict do nothing
;

-- name: close_differing!
-- End the versions that the drafts differ from, in themselves, in their periods or in their
-- weights.
update code_version as present set until_change = :change
from
    jsonb_to_recordset(:drafts) as draft (
        {{ code_version.draft }}, periods jsonb, severity_weights jsonb
    )
where
    present.code = draft.code
    and present.until_change is null
    and (
        ({{ code_version.stated_of("present") }})
        is distinct from ({{ code_version.stated_of("draft") }})
        or draft.periods is distinct from (
            select before.periods
            from codes_known(:as_of::bigint - 1) as before
            where before.code = present.code
        )
        or coalesce(draft.severity_weights, '[]') is distinct from (
            select before.severity_weights
            from codes_known(:as_of::bigint - 1) as before
            where before.code = present.code
        )
    )
;

-- name: open_missing!
-- Begin a version where a code has none now.
insert into code_version ({{ code_version.columns }})
select {{ code_version.version(stated="draft") }}
from jsonb_to_recordset(:drafts) as draft ({{ code_version.draft }})
where
    not exists (
        select
        from code_version as present
        where present.code = draft.code and present.until_change is null
    )
;

-- name: open_periods!
-- Give each version begun at this change its periods.
insert into code_period (
    code,
    since_change,
    position,
    description,
    from_on,
    offence_group,
    offence_subgroup,
    to_on
)
select
    draft.code,
    :change,
    given.position,
    period.description,
    period.from_on,
    period.offence_group,
    period.offence_subgroup,
    period.to_on
from jsonb_to_recordset(:drafts) as draft(code text, periods jsonb)
join code_version as begun on begun.code = draft.code and begun.since_change = :change
cross join jsonb_array_elements(draft.periods) with ordinality as given(value, position)
cross join
    jsonb_to_record(given.value) as period(
        description text, from_on date, offence_group text, offence_subgroup text, to_on date
    )
;

-- name: open_weights!
-- Give each version begun at this change its severity weights.
insert into severity_weight (code, since_change, position, edition, from_on, to_on, weight)
select
    draft.code,
    :change,
    given.position,
    weight.edition,
    weight.from_on,
    weight.to_on,
    weight.weight
from jsonb_to_recordset(:drafts) as draft(code text, severity_weights jsonb)
join code_version as begun on begun.code = draft.code and begun.since_change = :change
cross join
    jsonb_array_elements(draft.severity_weights) with ordinality as given(value, position)
cross join
    jsonb_to_record(given.value) as weight(
        edition text, from_on date, to_on date, weight numeric
    )
;
