-- name: find
-- Which of these categories are there?
select category as code, definition, name
from category_version
where category = any(:names) and known_at(since_change, until_change, :as_of)
;

-- name: read^
-- How is this category defined?
select *
from categories_known(:as_of)
where category = :category
;

-- name: list
-- Which categories are there?
select *
from categories_known(:as_of)
where :after_category::text is null or category > :after_category
order by category
limit :limit
;

-- name: know!
-- Make sure that each category can be pointed at.
insert into known_category (category)
select draft.category
from jsonb_to_recordset(:drafts) as draft(category text)
on conflict do nothing
;

-- name: close_differing!
-- End the definitions that the drafts differ from.
update category_version as present set until_change = :change
from jsonb_to_recordset(:drafts) as draft ({{ category_version.draft }}, codes jsonb)
where
    present.category = draft.category
    and present.until_change is null
    and (
        ({{ category_version.stated_of("present") }})
        is distinct from ({{ category_version.stated_of("draft") }})
        or exists (
            select code, from_on, to_on
            from category_code as member
            where (member.category, member.definition) = (present.category, present.definition)
            except
            select code, from_on, to_on
            from jsonb_to_recordset(draft.codes) as given(code text, from_on date, to_on date)
        )
        or exists (
            select code, from_on, to_on
            from jsonb_to_recordset(draft.codes) as given(code text, from_on date, to_on date)
            except
            select code, from_on, to_on
            from category_code as member
            where (member.category, member.definition) = (present.category, present.definition)
        )
    )
;

-- name: open_missing!
-- Begin a definition, numbered after the last, where a category has none now.
insert into category_version ({{ category_version.columns }})
select
    {% call category_version.version(stated="draft") %}
    1 + coalesce(
        (
            select max(definition)
            from category_version as earlier
            where earlier.category = draft.category
        ),
        0
    ) as definition
    {% endcall %}
from jsonb_to_recordset(:drafts) as draft ({{ category_version.draft }})
where
    not exists (
        select
        from category_version as present
        where present.category = draft.category and present.until_change is null
    )
;

-- name: open_codes!
-- Give each definition begun at this change its codes.
insert into category_code (category, definition, code, position, from_on, to_on)
select
    begun.category,
    begun.definition,
    given.value ->> 'code',
    given.position,
    (given.value ->> 'from_on')::date,
    (given.value ->> 'to_on')::date
from jsonb_to_recordset(:drafts) as draft(category text, codes jsonb)
join
    category_version as begun
    on begun.category = draft.category
    and begun.since_change = :change
cross join jsonb_array_elements(draft.codes) with ordinality as given(value, position)
;

-- name: lying_in_themselves
-- Which of these categories would now lie in themselves, through those they are part of?
with recursive
    upwards as (
        select draft.category, version.part_of as whole
        from jsonb_to_recordset(:drafts) as draft(category text)
        join
            category_version as version
            on version.category = draft.category
            and version.until_change is null
        union
        select upwards.category, version.part_of
        from upwards
        join
            category_version as version
            on version.category = upwards.whole
            and version.until_change is null
    )
select category
from upwards
where whole = category
order by category
;

-- name: end_vanished!
-- End the ONS groups and subgroups that the classification no longer has.
update category_version
set until_change = :change
where until_change is null and derived and category <> all(:grouped::text[])
;

-- name: not_derived
-- Which categories were defined by hand, so that no ONS group of the same name may replace them?
select category
from category_version
where until_change is null and not derived
;

-- name: grouped
-- How does the classification now group its codes, by group and by subgroup?
with
    period as (
        select period.code, period.from_on, period.to_on, offence_group, offence_subgroup
        from code_period as period
        join code_version as version using (code, since_change)
        where version.until_change is null
    ),
    named as (
        select offence_group as name, null as within, code, from_on, to_on
        from period
        union all
        select offence_subgroup, offence_group, code, from_on, to_on
        from period
        where offence_subgroup <> offence_group
    )
select
    name,
    within,
    jsonb_agg(
        jsonb_build_object('code', code, 'from_on', from_on, 'to_on', to_on)
        order by code, from_on nulls first
    ) as codes
from named
group by name, within
order by within nulls first, name
;
