-- name: edition^
-- Which edition of a source is the latest that counts anything of this area within these days, and
-- which of its spans count there?
with
    latest as (
        select return.return_id, return.edition
        from return
        where
            return.source = :source
            and return.change <= :as_of
            and exists (
                select
                from area_part(array[:area::text], :as_of) as place
                join
                    return_cell as cell
                    on cell.return_id = return.return_id
                    and cell.area = place.part
                    and cell.unassigned is null
                    and cell.from_on >= :from_on
                    and cell.to_on <= :to_on
            )
        order by return.edition desc
        limit 1
    ),
    span as (
        select distinct latest.return_id, latest.edition, period.from_on, period.to_on
        from latest
        cross join
            counted_period(
                array[:area::text], array[latest.return_id], :from_on, :to_on, :as_of
            ) as period
    )
select
    return_id,
    edition,
    array_agg(from_on order by from_on) as begins,
    array_agg(to_on order by from_on) as ends,
    min(from_on) as first,
    max(to_on) as last,
    bool_and(extract(day from from_on) = 1 and extract(day from to_on + 1) = 1) as whole_months
from span
group by 1, 2
;

-- name: compare
-- What does each cell count, here and there, and what does it all add up to? Equal cells only where
-- they are wanted. A group that the return counts within another is a part of that one, so no sum
-- takes it in. Where a return counts groups, our codes that belong to none of them stand by
-- themselves. The first row is there even where no cell is left to show.
with
    span as (select * from unnest(:begins::date[], :ends::date[]) as chosen(from_on, to_on)),
    given as materialized(
        select cell.*
        from area_part(array[:area::text], :as_of) as place
        join
            return_cell as cell
            on cell.return_id = :return_id
            and cell.area = place.part
            and cell.unassigned is null
        join span on span.from_on = cell.from_on and span.to_on = cell.to_on
    ),
    summed as materialized(  -- asked only where there are groups, which may lie in each other
        select distinct counted.cell
        from
            counted_cell(
                array[:area::text],
                array[:return_id::uuid],
                array['all-crime'],
                :from_on,
                :to_on,
                :as_of
            ) as counted
        where exists (select from given where category is not null)
    ),
    official as materialized(  -- a code that joins several stands on a line for each
        select
            code,
            category,
            from_on,
            to_on,
            sum(count) as number,
            code is null and not bool_or(summed.cell is not null) as of_which
        from given
        left join summed using (cell)
        group by 1, 2, 3, 4
    ),
    counted as materialized(  -- whole months from the tally, what is left at either end from the records
        select code, month as day, offences as number
        from tally
        where
            area = :area
            and month >= whole_from(:first, :last, :tallied)
            and month < whole_until(:first, :last, :tallied)
        union all
        select code, day, offences
        from
            recorded_by_month(
                array[:area::text],
                :first,
                whole_from(:first, :last, :tallied) - 1,
                :as_of
            )
        union all
        select code, day, offences
        from
            recorded_by_month(
                array[:area::text], whole_until(:first, :last, :tallied), :last, :as_of
            )
    ),
    member as materialized(
        select
            grouped.category,
            member.code,
            coalesce(member.from_on, '-infinity') as from_on,
            coalesce(member.to_on, 'infinity') as to_on
        from (select distinct category from official where category is not null) as grouped
        cross join category_member(grouped.category, :as_of) as member
    ),
    ours as (
        select
            counted.code, null as category, span.from_on, span.to_on, sum(counted.number) as number
        from counted
        join span on counted.day between span.from_on and span.to_on
        where
            not exists (
                select
                from member
                where
                    member.code = counted.code
                    and counted.day between member.from_on and member.to_on
            )
        group by 1, 2, 3, 4
        union all
        select null, member.category, span.from_on, span.to_on, sum(counted.number)
        from counted
        join span on counted.day between span.from_on and span.to_on
        join
            member
            on member.code = counted.code
            and counted.day between member.from_on and member.to_on
        group by 1, 2, 3, 4
        having sum(counted.number) <> 0
    ),
    compared as (
        select
            coalesce(official.code, ours.code) as code,
            coalesce(official.category, ours.category) as category,
            coalesce(official.from_on, ours.from_on) as from_on,
            coalesce(official.to_on, ours.to_on) as to_on,
            coalesce(ours.number, 0)::bigint as records,
            official.number::bigint as official,
            (coalesce(ours.number, 0) - coalesce(official.number, 0))::bigint as difference,
            coalesce(official.of_which, false) as of_which
        from official
        full join
            ours
            on coalesce(official.code, '') = coalesce(ours.code, '')
            and coalesce(official.category, '') = coalesce(ours.category, '')
            and official.from_on = ours.from_on
            and official.to_on = ours.to_on
        where coalesce(ours.number, 0) <> 0 or official.number is not null
    ),
    whole as (
        select
            count(*) as cells,
            count(*) filter (where difference = 0) as equal,
            count(*) filter (where difference <> 0) as differing,
            coalesce(sum(records) filter (where not of_which), 0)::bigint as all_records,
            coalesce(sum(official) filter (where not of_which), 0)::bigint as all_official,
            coalesce(sum(difference) filter (where not of_which), 0)::bigint as all_difference
        from compared
    )
select whole.*, compared.*
from whole
left join compared on :all or compared.difference <> 0
order by compared.from_on, compared.to_on, compared.code, compared.category
;

-- name: completeness
-- Of which of these cells has every force concerned sent all its records? As for figures, but for
-- codes as well as categories.
with
    cell as (
        select position, code, category, from_on, to_on
        from
            jsonb_to_recordset(:cells) as said(
                position int, code text, category text, from_on date, to_on date
            )
    ),
    force as (
        select distinct other.area as force
        from area_ancestor as nested
        join
            area_version as other
            on known_at(other.since_change, other.until_change, :as_of)
            and other.area
            = case when nested.area = :area then nested.ancestor else nested.area end
            and (other.kind = 'force' or other.kind = 'body' and other.area = :area)
        where
            known_at(nested.since_change, nested.until_change, :as_of)
            and (nested.area = :area or nested.ancestor = :area)
    ),
    wanted as (
        select distinct
            cell.code,
            cell.category,
            cell.from_on as span_from,
            cell.to_on as span_to,
            coalesce(cell.code, member.code) as held_code,
            greatest(coalesce(member.from_on, '-infinity'), cell.from_on) as from_on,
            least(coalesce(member.to_on, 'infinity'), cell.to_on) as to_on
        from cell
        left join
            lateral category_member(cell.category, :as_of) as member
            on coalesce(member.from_on, '-infinity') <= cell.to_on
            and coalesce(member.to_on, 'infinity') >= cell.from_on
    ),
    sent as materialized(
        select covered.force, covered.category, covered.definition, version.every_code, covered.days
        from covered_at(:as_of) as covered
        join category_version as version using (category, definition)
        where covered.force in (select force.force from force)
    ),
    covering as (select distinct sent.category, sent.definition, sent.every_code from sent),
    holds as (
        select
            wanted.code,
            wanted.category,
            wanted.span_from,
            wanted.span_to,
            covering.category as covering,
            covering.definition
        from wanted
        cross join covering
        left join
            category_code as listed
            on (listed.category, listed.definition, listed.code)
            = (covering.category, covering.definition, wanted.held_code)
            and coalesce(listed.from_on, '-infinity') <= wanted.from_on
            and coalesce(listed.to_on, 'infinity') >= wanted.to_on
        group by
            wanted.code,
            wanted.category,
            wanted.span_from,
            wanted.span_to,
            covering.category,
            covering.definition
        having bool_and(covering.every_code or listed.code is not null)
    ),
    covered as (
        select
            holds.code,
            holds.category,
            holds.span_from,
            holds.span_to,
            sent.force,
            range_agg(sent.days) as days
        from holds
        join sent on (sent.category, sent.definition) = (holds.covering, holds.definition)
        group by 1, 2, 3, 4, 5
    )
select
    cell.position,
    bool_and(coalesce(covered.days @> daterange(cell.from_on, cell.to_on, '[]'), false)) as complete
from cell
cross join force
left join
    covered
    on covered.force = force.force
    and covered.code is not distinct from cell.code
    and covered.category is not distinct from cell.category
    and (covered.span_from, covered.span_to) = (cell.from_on, cell.to_on)
group by cell.position
order by cell.position
;
