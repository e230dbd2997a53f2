--
-- Name: access_kind; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.access_kind AS ENUM (
    'collection',
    'alteration',
    'consultation',
    'disclosure',
    'combination',
    'erasure'
);

--
-- Name: access_log_only_grows(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.access_log_only_grows() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'The access log only grows: no row of it can be altered or taken away.'
        using errcode = '42501';
end
$$;

--
-- Name: answering_edition(text[], text, date[], date[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.answering_edition(areas text[], source text, begins date[], ends date[], as_of bigint) RETURNS TABLE(area text, from_on date, to_on date, return_id uuid, edition text, complete boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with span as materialized (
        select distinct from_on, to_on from unnest(begins, ends) as asked (from_on, to_on)
    ), edition as materialized (
        -- The latest that has anything to say of each place and span.
        select distinct on (place.area, span.from_on, span.to_on)
            place.area,
            span.from_on,
            span.to_on,
            return.return_id,
            return.edition
        from unnest(areas) as place (area)
        cross join span
        join return
          on return.source = answering_edition.source and return.change <= answering_edition.as_of
        where exists (
            select from answering_place(
                array[place.area], array[return.return_id], span.from_on, span.to_on,
                answering_edition.as_of
            ) as answering
            join return_cell as cell
              on cell.return_id = return.return_id
             and cell.area = answering.part
             and (cell.unassigned is not null) = answering.remainder
            where cell.from_on >= span.from_on and cell.to_on <= span.to_on)
        order by place.area, span.from_on, span.to_on, return.edition desc
    ), question as materialized (
        select
            edition.from_on,
            edition.to_on,
            array_agg(edition.area) as areas,
            array_agg(edition.return_id) as return_ids
        from edition
        group by 1, 2
    ), filled as (
        -- How many days of the span are given for each part of the place?
        select
            question.from_on,
            question.to_on,
            period.area,
            period.part,
            period.kind,
            sum(period.to_on - period.from_on + 1) as days
        from question
        cross join counted_period(
            question.areas, question.return_ids, question.from_on, question.to_on,
            answering_edition.as_of
        ) as period
        where not period.remainder
        group by 1, 2, 3, 4, 5
    ), joined as (
        -- For which forces are all partnerships given, and all their days?
        select
            span.from_on,
            span.to_on,
            place.area,
            place.part,
            bool_and(coalesce(filled.days = span.to_on - span.from_on + 1, false)) as complete
        from span
        cross join area_part(areas, answering_edition.as_of) as place
        join force_partnership(span.from_on, span.to_on, answering_edition.as_of) as partner
          on partner.force = place.part
        left join filled
          on (filled.from_on, filled.to_on, filled.area, filled.part)
           = (span.from_on, span.to_on, place.area, partner.partnership)
        where exists (select from filled where filled.kind = 'partnership')
        group by 1, 2, 3, 4
    ), tiled as (
        -- All of it, as a whole or for every force? A body without land need not be there, for such
        -- come and go; where it is, it must be there throughout.
        select
            span.from_on,
            span.to_on,
            place.area,
            coalesce(bool_or(whole.days = span.to_on - span.from_on + 1), false)
            or bool_and(coalesce(
                filled.days = span.to_on - span.from_on + 1,
                place.kind = 'body' or coalesce(joined.complete, false))) as complete
        from span
        cross join area_part(areas, answering_edition.as_of) as place
        left join filled
          on (filled.from_on, filled.to_on, filled.area, filled.part)
           = (span.from_on, span.to_on, place.area, place.part)
        left join joined
          on (joined.from_on, joined.to_on, joined.area, joined.part)
           = (span.from_on, span.to_on, place.area, place.part)
        left join filled as whole
          on (whole.from_on, whole.to_on, whole.area, whole.part)
           = (span.from_on, span.to_on, place.area, place.area)
        group by 1, 2, 3
    )
    select
        tiled.area,
        tiled.from_on,
        tiled.to_on,
        edition.return_id,
        edition.edition,
        tiled.complete
    from tiled
    left join edition
      on (edition.area, edition.from_on, edition.to_on) = (tiled.area, tiled.from_on, tiled.to_on)
$$;

--
-- Name: FUNCTION answering_edition(areas text[], source text, begins date[], ends date[], as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.answering_edition(areas text[], source text, begins date[], ends date[], as_of bigint) IS 'Which return of a source answers for each area in each span, its latest edition that has anything to say, and does it say it of all of the span?';

--
-- Name: answering_group(text[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.answering_group(categories text[], from_on date, to_on date, as_of bigint) RETURNS TABLE(asked text, category text, within text[])
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with recursive known as (
        select version.category, version.part_of
        from category_version as version
        where known_at(version.since_change, version.until_change, answering_group.as_of)
    ), ancestry as (
        select known.category, known.category as whole from known
        union
        select ancestry.category, known.part_of
        from ancestry join known on known.category = ancestry.whole
        where known.part_of is not null
    ), place as (
        -- A whole always stands above its parts, so of two groups at most one is within the other.
        select ancestry.category, count(*) as depth from ancestry group by 1
    ), codes as (
        select known.category, array_agg(distinct member.code order by member.code) as codes
        from known cross join category_member(known.category, answering_group.as_of) as member
        where coalesce(member.from_on, '-infinity') <= coalesce(answering_group.to_on, 'infinity')
          and coalesce(member.to_on, 'infinity') >= coalesce(answering_group.from_on, '-infinity')
        group by 1
    ), answering as (
        select name as asked, ancestry.category
        from unnest(categories) as name join ancestry on ancestry.whole = name
        union
        select wanted.category, ancestry.category
        from codes as wanted
        join codes as same using (codes)
        join ancestry on ancestry.whole = same.category
        where wanted.category = any (categories)
    )
    select answering.asked, answering.category, array(
        select other.category
        from answering as other
        join place as above on above.category = other.category
        join place as below on below.category = answering.category
        where other.asked = answering.asked
          and (above.depth, above.category) < (below.depth, below.category)
          and (
              exists (
                  select from ancestry
                  where ancestry.category = answering.category and ancestry.whole = other.category)
              or exists (
                  select from codes as mine join codes as same using (codes)
                  where mine.category = answering.category and same.category = other.category)))
    from answering
$$;

--
-- Name: FUNCTION answering_group(categories text[], from_on date, to_on date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.answering_group(categories text[], from_on date, to_on date, as_of bigint) IS 'The groups that answer for a category: it, its parts, and those with the same codes in that span; within are those that count all of one.';

--
-- Name: answering_place(text[], uuid[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.answering_place(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint) RETURNS TABLE(area text, return_id uuid, part text, kind text, remainder boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with asked as (
        select
            edition.area,
            edition.return_id,
            version.kind,
            given_whole(
                edition.return_id, edition.area, answering_place.from_on, answering_place.to_on
            ) as given
        from unnest(areas, return_ids) as edition (area, return_id)
        join area_version as version
          on version.area = edition.area
         and known_at(version.since_change, version.until_change, answering_place.as_of)
    ), place as (
        select
            asked.area,
            asked.return_id,
            leaf.part,
            leaf.kind,
            given_whole(
                asked.return_id, leaf.part, answering_place.from_on, answering_place.to_on
            ) as given
        from asked join area_part(areas, answering_place.as_of) as leaf on leaf.area = asked.area
        where not asked.given
    )
    select asked.area, asked.return_id, asked.area, asked.kind, false
    from asked
    where asked.given
    union all
    select place.area, place.return_id, place.part, place.kind, false
    from place
    where place.given
    union all
    select place.area, place.return_id, version.area, version.kind, false
    from place
    join area_ancestor as inside
      on inside.ancestor = place.part
     and known_at(inside.since_change, inside.until_change, answering_place.as_of)
    join area_version as version
      on version.area = inside.area
     and version.kind in ('partnership', 'district')
     and known_at(version.since_change, version.until_change, answering_place.as_of)
    where place.kind = 'force' and not place.given
    union all
    select place.area, place.return_id, place.part, place.kind, true
    from place
    where place.kind = 'force' and not place.given
$$;

--
-- Name: FUNCTION answering_place(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.answering_place(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint) IS 'The places whose counts in a return make up an area: the area where it has a count of its own; else its forces and bodies; in place of a force that has none, its partnerships and what is unassigned.';

--
-- Name: area_named(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.area_named(name text, as_of bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select area from area_version
    where (area_version.area = area_named.name or area_version.slug = lower(area_named.name))
      and known_at(since_change, until_change, area_named.as_of)
    order by area_version.area <> area_named.name
    limit 1
$$;

--
-- Name: FUNCTION area_named(name text, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.area_named(name text, as_of bigint) IS 'The code of the area that a caller names by code or slug; null when there is none. What is the code of one and the slug of another means the code.';

--
-- Name: area_part(text[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.area_part(areas text[], as_of bigint) RETURNS TABLE(area text, kind text, part text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select asked.area, leaf.kind, leaf.area
    from area_version as asked
    join area_ancestor as inside
      on inside.ancestor = asked.area
     and known_at(inside.since_change, inside.until_change, area_part.as_of)
    join area_version as leaf
      on leaf.area = inside.area
     and known_at(leaf.since_change, leaf.until_change, area_part.as_of)
     and case
             when asked.kind in ('region', 'nation') then leaf.kind in ('force', 'body')
             else leaf.area = asked.area
         end
    where asked.area = any (areas)
      and known_at(asked.since_change, asked.until_change, area_part.as_of)
$$;

--
-- Name: FUNCTION area_part(areas text[], as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.area_part(areas text[], as_of bigint) IS 'The places whose counts make up an area: the forces and bodies of a region or nation, else the area itself.';

--
-- Name: area_rank(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.area_rank(kind text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    select case kind
        when 'beat' then 1
        when 'district' then 2
        when 'partnership' then 2
        when 'force' then 3
        when 'body' then 3
        when 'region' then 4
        when 'nation' then 5
    end
$$;

--
-- Name: FUNCTION area_rank(kind text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.area_rank(kind text) IS 'How high a kind stands: an area lies in areas that stand as high or higher. Districts and partnerships lie in each other.';

--
-- Name: areas_known(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.areas_known(as_of bigint) RETURNS TABLE(area text, aliases text[], from_on date, households jsonb, kind text, name text, parents text[], populations jsonb, since_change bigint, slug text, to_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        place.area,
        place.aliases,
        place.from_on,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('households', households, 'source', source, 'year', year)
                order by year)
            from household_count as counted
            where counted.area = place.area
              and known_at(counted.since_change, counted.until_change, areas_known.as_of)
        ), '[]'),
        place.kind,
        place.name,
        place.parents,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('residents', residents, 'source', source, 'year', year)
                order by year)
            from population as counted
            where counted.area = place.area
              and known_at(counted.since_change, counted.until_change, areas_known.as_of)
        ), '[]'),
        greatest(place.since_change, (
            select max(case
                when counted.until_change <= areas_known.as_of then counted.until_change
                else counted.since_change
            end)
            from population as counted
            where counted.area = place.area and counted.since_change <= areas_known.as_of
        ), (
            select max(case
                when counted.until_change <= areas_known.as_of then counted.until_change
                else counted.since_change
            end)
            from household_count as counted
            where counted.area = place.area and counted.since_change <= areas_known.as_of
        )),
        place.slug,
        place.to_on
    from area_version as place
    where known_at(place.since_change, place.until_change, areas_known.as_of)
$$;

--
-- Name: break_concerning(text[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.break_concerning(categories text[], after date, until date, as_of bigint) RETURNS TABLE(category text, series_break text, from_on date, name text, note text, codes text[])
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with held as materialized (
        select version.* from series_break_version as version
        where known_at(version.since_change, version.until_change, break_concerning.as_of)
          and version.from_on > break_concerning.after
          and version.from_on <= break_concerning.until
    ), concerned as (
        select held.series_break, code from held cross join unnest(held.codes) as code
        union
        select held.series_break, member.code
        from held
        cross join unnest(held.categories) as named (category)
        cross join category_member(named.category, break_concerning.as_of) as member
    ), wanted as materialized (
        select distinct named.category, member.code
        from (
            select name as category from unnest(break_concerning.categories) as name
            where exists (select from held)
        ) as named
        cross join category_member(named.category, break_concerning.as_of) as member
    ), met as (
        select
            held.series_break,
            named.category,
            array_agg(wanted.code order by wanted.code)
                filter (where wanted.code is not null) as codes,
            bool_and(wanted.code is not null) as all_held
        from held
        cross join unnest(break_concerning.categories) as named (category)
        left join concerned on concerned.series_break = held.series_break
        left join wanted on (wanted.category, wanted.code) = (named.category, concerned.code)
        group by 1, 2
    )
    select
        met.category,
        held.series_break,
        held.from_on,
        held.name,
        held.note,
        met.codes
    from held join met using (series_break)
    where cardinality(held.codes) + cardinality(held.categories) = 0
       or (met.codes is not null and (held.kind = 'counted' or not met.all_held))
$$;

--
-- Name: FUNCTION break_concerning(categories text[], after date, until date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.break_concerning(categories text[], after date, until date, as_of bigint) IS 'The breaks after one day and up to another that concern a category, with its codes that they concern; null codes are every code.';

--
-- Name: categories_known(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.categories_known(as_of bigint) RETURNS TABLE(aliases text[], category text, codes jsonb, definition integer, derived boolean, description text, every_code boolean, name text, part_of text, since_change bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        version.aliases,
        version.category,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('code', code, 'from_on', from_on, 'to_on', to_on)
                order by code, position)
            from category_code as member
            where (member.category, member.definition) = (version.category, version.definition)
        ), '[]'),
        version.definition,
        version.derived,
        version.description,
        version.every_code,
        version.name,
        version.part_of,
        version.since_change
    from category_version as version
    where known_at(version.since_change, version.until_change, categories_known.as_of)
$$;

--
-- Name: category_member(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.category_member(category text, as_of bigint) RETURNS TABLE(code text, from_on date, to_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select member.code, member.from_on, member.to_on
    from category_version as version join category_code as member using (category, definition)
    where version.category = category_member.category
      and known_at(version.since_change, version.until_change, category_member.as_of)
    union all
    select known_code.code, null, null
    from category_version as version cross join known_code
    where version.category = category_member.category
      and version.every_code
      and known_at(version.since_change, version.until_change, category_member.as_of)
      and known_code.since_change <= category_member.as_of
$$;

--
-- Name: FUNCTION category_member(category text, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.category_member(category text, as_of bigint) IS 'The codes of a category as it was defined at a change, each with the days between which it belongs.';

--
-- Name: civil_day(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.civil_day(instant timestamp with time zone) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((instant AT TIME ZONE 'Europe/London'::text))::date;

--
-- Name: closed_version_stays_closed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.closed_version_stays_closed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if old.until_change is not null then
        raise exception 'A version that ended at change % cannot be altered.', old.until_change
            using errcode = '42501';
    end if;
    return new;
end
$$;

--
-- Name: codes_known(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.codes_known(as_of bigint) RETURNS TABLE(code text, from_on date, old_group text, old_subgroup text, periods jsonb, severity_weight numeric, severity_weights jsonb, since_change bigint, to_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        version.code,
        version.from_on,
        version.old_group,
        version.old_subgroup,
        (
            select jsonb_agg(
                jsonb_build_object(
                    'description', description,
                    'from_on', period.from_on,
                    'offence_group', offence_group,
                    'offence_subgroup', offence_subgroup,
                    'to_on', period.to_on
                ) order by position)
            from code_period as period
            where (period.code, period.since_change) = (version.code, version.since_change)
        ),
        version.severity_weight,
        coalesce((
            select jsonb_agg(
                jsonb_build_object(
                    'edition', edition,
                    'from_on', weighed.from_on,
                    'to_on', weighed.to_on,
                    'weight', weight
                ) order by position)
            from severity_weight as weighed
            where (weighed.code, weighed.since_change) = (version.code, version.since_change)
        ), '[]'),
        version.since_change,
        version.to_on
    from code_version as version
    where known_at(version.since_change, version.until_change, codes_known.as_of)
$$;

--
-- Name: codes_of_review(text[], text[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.codes_of_review(first text[], second text[], as_of bigint) RETURNS TABLE(code text, first_days datemultirange, second_days datemultirange)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        member.code,
        range_agg(daterange(member.from_on, member.to_on, '[]')) filter (where place = 1),
        range_agg(daterange(member.from_on, member.to_on, '[]')) filter (where place = 2)
    from (
        select 1 as place, unnest(codes_of_review.first) as category
        union all
        select 2, unnest(codes_of_review.second)
    ) as grouped
    cross join category_member(grouped.category, codes_of_review.as_of) as member
    group by 1
$$;

--
-- Name: FUNCTION codes_of_review(first text[], second text[], as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.codes_of_review(first text[], second text[], as_of bigint) IS 'On which days does each code lie in a category of the first or the second group of review?';

--
-- Name: compared(bigint, bigint, integer, integer, boolean, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.compared(value bigint, base bigint, exposure integer, base_exposure integer, alike boolean, percent_rule text, withheld text) RETURNS TABLE(difference bigint, percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric, interval_high numeric)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        case when withheld is null then value - base end,
        case when reason is null then round(100.0 * (value - base) / base, 1) end,
        reason,
        round(ratio::numeric, 3),
        round(exp(ln(ratio) - spread)::numeric, 3),
        round(exp(ln(ratio) + spread)::numeric, 3)
    from (
        select
            case
                when value is null or base is null
                    then coalesce(withheld, 'one of the counts is not available')
                when withheld is not null then withheld
                when base = 0 then 'the base count is nought'
                when percent_rule = 'either-under-50' and least(value, base) < 50
                    then 'a count is under 50'
                when percent_rule = 'current-under-50' and value < 50 then 'the count is under 50'
                when base < 0 then 'the base count is below nought'
                when not alike then 'the periods differ in length'
            end as reason,
            case when withheld is null and value > 0 and base > 0
                 then (value::float8 / exposure) / (base::float8 / base_exposure) end as ratio,
            case when withheld is null and value > 0 and base > 0
                 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;

--
-- Name: complete_between(text[], text[], date[], date[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_between(areas text[], categories text[], begins date[], ends date[], as_of bigint) RETURNS TABLE(area text, category text, from_on date, to_on date, complete boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with force as materialized (
        select asked.area, other.area as force
        from unnest(areas) as asked (area)
        join area_ancestor as nested
          on known_at(nested.since_change, nested.until_change, complete_between.as_of)
         and (nested.area = asked.area or nested.ancestor = asked.area)
        join area_version as other
          on known_at(other.since_change, other.until_change, complete_between.as_of)
         and other.area = case
                 when nested.area = asked.area then nested.ancestor
                 else nested.area
             end
         and (other.kind = 'force' or other.kind = 'body' and other.area = asked.area)
        group by 1, 2
    ), span as materialized (
        select distinct from_on, to_on from unnest(begins, ends) as asked (from_on, to_on)
    ), sent as materialized (
        select
            covered.force,
            covered.category,
            covered.definition,
            version.every_code,
            covered.days
        from covered_at(complete_between.as_of) as covered
        join category_version as version using (category, definition)
        where covered.force in (select force.force from force)
    ), covering as (
        -- What a file covers is its category as it was defined then.
        select distinct sent.category, sent.definition from sent where not sent.every_code
    ), gap as materialized (
        -- Codes that such a category does not hold for all the days that they are wanted.
        select
            named.category,
            member.code,
            covering.category as covering,
            covering.definition,
            coalesce(member.from_on, '-infinity') as from_on,
            coalesce(member.to_on, 'infinity') as to_on
        from unnest(categories) as named (category)
        cross join category_member(named.category, complete_between.as_of) as member
        cross join covering
        where not exists (
            select from category_code as held
            where (held.category, held.definition, held.code)
                = (covering.category, covering.definition, member.code)
              and coalesce(held.from_on, '-infinity') <= coalesce(member.from_on, '-infinity')
              and coalesce(held.to_on, 'infinity') >= coalesce(member.to_on, 'infinity'))
    ), lacking as materialized (
        -- A file that covers one category covers every category within it, and no other.
        select distinct gap.category, gap.covering, gap.definition, span.from_on, span.to_on
        from gap join span on gap.from_on <= span.to_on and gap.to_on >= span.from_on
        where not exists (
            select from category_code as held
            where (held.category, held.definition, held.code)
                = (gap.covering, gap.definition, gap.code)
              and coalesce(held.from_on, '-infinity') <= greatest(gap.from_on, span.from_on)
              and coalesce(held.to_on, 'infinity') >= least(gap.to_on, span.to_on))
    ), covered as (
        select
            sent.force,
            named.category,
            span.from_on,
            span.to_on,
            range_agg(sent.days) as days
        from unnest(categories) as named (category)
        cross join span
        join sent on sent.days && daterange(span.from_on, span.to_on, '[]')
        left join lacking
          on (lacking.category, lacking.from_on, lacking.to_on)
           = (named.category, span.from_on, span.to_on)
         and (lacking.covering, lacking.definition) = (sent.category, sent.definition)
        where lacking.category is null
        group by 1, 2, 3, 4
    )
    select
        force.area,
        named.category,
        span.from_on,
        span.to_on,
        bool_and(coalesce(covered.days @> daterange(span.from_on, span.to_on, '[]'), false))
    from force
    cross join span
    cross join unnest(categories) as named (category)
    left join covered
      on (covered.force, covered.category, covered.from_on, covered.to_on)
       = (force.force, named.category, span.from_on, span.to_on)
    group by 1, 2, 3, 4
$$;

--
-- Name: FUNCTION complete_between(areas text[], categories text[], begins date[], ends date[], as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_between(areas text[], categories text[], begins date[], ends date[], as_of bigint) IS 'Has every force concerned sent all its records of each category, for all the days of each span? A body without land answers for itself alone.';

--
-- Name: counted_by(text[], bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counted_by(categories text[], as_of bigint) RETURNS TABLE(category text, codes jsonb, definition integer, every_code boolean, name text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        version.category,
        coalesce((
            select jsonb_agg(
                jsonb_build_object('code', code, 'from_on', from_on, 'to_on', to_on)
                order by code, from_on nulls first)
            from category_member(version.category, counted_by.as_of)
        ), '[]'),
        version.definition,
        version.every_code,
        version.name
    from category_version as version
    where version.category = any (categories)
      and known_at(version.since_change, version.until_change, counted_by.as_of)
$$;

--
-- Name: counted_cell(text[], uuid[], text[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counted_cell(areas text[], return_ids uuid[], categories text[], from_on date, to_on date, as_of bigint) RETURNS TABLE(asked_area text, asked_category text, return_id uuid, line integer, code text, count integer, cell integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with cell as materialized (
        select period.area as asked_area, given.*
        from counted_period(
            areas, return_ids, counted_cell.from_on, counted_cell.to_on, counted_cell.as_of
        ) as period
        join return_cell as given
          on given.return_id = period.return_id
         and given.area = period.part
         and given.from_on = period.from_on
         and given.to_on = period.to_on
         and (given.unassigned is not null) = period.remainder
    ), answering as materialized (
        select * from answering_group(
            categories, counted_cell.from_on, counted_cell.to_on, counted_cell.as_of)
    )
    select
        cell.asked_area,
        wanted.category,
        cell.return_id,
        cell.line,
        cell.code,
        cell.count,
        cell.cell
    from unnest(categories) as wanted (category)
    cross join category_member(wanted.category, counted_cell.as_of) as member
    join cell
      on cell.code = member.code
     and coalesce(member.from_on, '-infinity') <= cell.from_on
     and coalesce(member.to_on, 'infinity') >= cell.to_on
    union all
    select
        cell.asked_area,
        answering.asked,
        cell.return_id,
        cell.line,
        cell.code,
        cell.count,
        cell.cell
    from cell join answering on answering.category = cell.category
    where not exists (
        -- A total given beside its parts counts once.
        select from cell as total
        where total.return_id = cell.return_id
          and total.asked_area = cell.asked_area
          and total.area = cell.area
          and total.unassigned is not distinct from cell.unassigned
          and total.from_on = cell.from_on
          and total.to_on = cell.to_on
          and total.category = any (answering.within))
$$;

--
-- Name: FUNCTION counted_cell(areas text[], return_ids uuid[], categories text[], from_on date, to_on date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.counted_cell(areas text[], return_ids uuid[], categories text[], from_on date, to_on date, as_of bigint) IS 'The cells of returns that count towards categories in areas, each area by its own return, in a span or in all its periods.';

--
-- Name: counted_outcome(text[], uuid, text, date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counted_outcome(areas text[], return_id uuid, category text, from_on date, to_on date, as_of bigint) RETURNS TABLE(cell integer, outcome text, basis text, count integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with given as materialized (
        select held.* from return_outcome_cell as held
        join area_part(areas, counted_outcome.as_of) as place on place.part = held.area
        where held.return_id = counted_outcome.return_id
          and held.from_on >= coalesce(counted_outcome.from_on, '-infinity')
          and held.to_on <= coalesce(counted_outcome.to_on, 'infinity')
    ), answering as materialized (
        select * from answering_group(
            array[counted_outcome.category], counted_outcome.from_on, counted_outcome.to_on,
            counted_outcome.as_of)
    )
    select given.cell, given.outcome, given.basis, given.count
    from category_member(counted_outcome.category, counted_outcome.as_of) as member
    join given
      on given.code = member.code
     and coalesce(member.from_on, '-infinity') <= given.from_on
     and coalesce(member.to_on, 'infinity') >= given.to_on
    union all
    select given.cell, given.outcome, given.basis, given.count
    from given join answering on answering.category = given.category
    where not exists (
        -- A total given beside its parts counts once.
        select from given as total
        where (total.area, total.from_on, total.to_on, total.outcome, total.basis)
            = (given.area, given.from_on, given.to_on, given.outcome, given.basis)
          and total.category = any (answering.within))
$$;

--
-- Name: FUNCTION counted_outcome(areas text[], return_id uuid, category text, from_on date, to_on date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.counted_outcome(areas text[], return_id uuid, category text, from_on date, to_on date, as_of bigint) IS 'The outcome cells of a return that count towards a category in areas, in a span or in all its periods.';

--
-- Name: counted_period(text[], uuid[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.counted_period(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint) RETURNS TABLE(area text, return_id uuid, part text, kind text, from_on date, to_on date, remainder boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with recursive held as (
        select distinct
            place.area,
            place.return_id,
            place.part,
            place.kind,
            cell.from_on,
            cell.to_on,
            place.remainder
        from answering_place(
            areas, return_ids, counted_period.from_on, counted_period.to_on, counted_period.as_of
        ) as place
        join return_cell as cell
          on cell.return_id = place.return_id
         and cell.area = place.part
         and (cell.unassigned is not null) = place.remainder
         and cell.from_on >= coalesce(counted_period.from_on, '-infinity')
         and cell.to_on <= coalesce(counted_period.to_on, 'infinity')
    ), period as (
        select held.return_id, held.from_on, min(held.to_on) as to_on from held group by 1, 2
    ), following as (
        select period.return_id, period.from_on, period.to_on, min(later.from_on) as next_on
        from period
        left join period as later
          on later.return_id = period.return_id and later.from_on > period.to_on
        group by 1, 2, 3
    ), chosen as (
        select following.* from following
        where (following.return_id, following.from_on)
           in (select period.return_id, min(period.from_on) from period group by 1)
        union all
        select following.* from chosen
        join following
          on following.return_id = chosen.return_id and following.from_on = chosen.next_on
    )
    select held.* from held
    where counted_period.from_on is null
       or counted_period.to_on is null
       or (held.return_id, held.from_on, held.to_on)
          in (select chosen.return_id, chosen.from_on, chosen.to_on from chosen)
$$;

--
-- Name: FUNCTION counted_period(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.counted_period(areas text[], return_ids uuid[], from_on date, to_on date, as_of bigint) IS 'The periods that count towards a span, for every part of an area: from its first day on, none that overlaps the one before. Every period without a span.';

--
-- Name: covered_at(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.covered_at(as_of bigint) RETURNS TABLE(force text, category text, definition integer, days datemultirange)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select present.force, present.category, present.definition, present.days
    from coverage_now as present
    where coalesce((select max(since_change) from coverage), 0) <= covered_at.as_of
    union all
    select told.force, told.category, told.definition, range_agg(told.days)
    from coverage as told
    where told.since_change <= covered_at.as_of
      and coalesce((select max(since_change) from coverage), 0) > covered_at.as_of
    group by 1, 2, 3
$$;

--
-- Name: FUNCTION covered_at(as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.covered_at(as_of bigint) IS 'Days of which each force had sent every record, by the category that it said it sent and its definition then. Inlined by the planner.';

--
-- Name: days_held(text[], text[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.days_held(areas text[], categories text[], first date, last date, as_of bigint) RETURNS TABLE(area text, category text, force text, days datemultirange)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with force as (
        select asked.area, other.area as force
        from unnest(areas) as asked (area)
        join area_ancestor as nested
          on known_at(nested.since_change, nested.until_change, days_held.as_of)
         and (nested.area = asked.area or nested.ancestor = asked.area)
        join area_version as other
          on known_at(other.since_change, other.until_change, days_held.as_of)
         and other.area = case
                 when nested.area = asked.area then nested.ancestor
                 else nested.area
             end
         and (other.kind = 'force' or other.kind = 'body' and other.area = asked.area)
        group by 1, 2
    ), wanted as (
        select
            named.category,
            member.code,
            greatest(coalesce(member.from_on, '-infinity'), first) as from_on,
            least(coalesce(member.to_on, 'infinity'), last) as to_on
        from unnest(categories) as named (category)
        cross join category_member(named.category, days_held.as_of) as member
        where coalesce(member.from_on, '-infinity') <= last
          and coalesce(member.to_on, 'infinity') >= first
    ), sent as materialized (
        select
            covered.force,
            covered.category,
            covered.definition,
            version.every_code,
            covered.days
        from covered_at(days_held.as_of) as covered
        join category_version as version using (category, definition)
        where covered.force in (select force.force from force)
    ), covering as (
        select distinct sent.category, sent.definition, sent.every_code from sent
    ), holds as (
        select named.category, covering.category as covering, covering.definition
        from unnest(categories) as named (category) cross join covering
        where covering.every_code or not exists (
            select from wanted
            left join category_code as held
              on (held.category, held.definition, held.code)
               = (covering.category, covering.definition, wanted.code)
             and coalesce(held.from_on, '-infinity') <= wanted.from_on
             and coalesce(held.to_on, 'infinity') >= wanted.to_on
            where wanted.category = named.category and held.code is null)
    )
    select force.area, named.category, force.force, coalesce(covered.days, '{}')
    from force cross join unnest(categories) as named (category)
    left join (
        select sent.force, holds.category, range_agg(sent.days) as days
        from sent
        join holds on (holds.covering, holds.definition) = (sent.category, sent.definition)
        group by 1, 2
    ) as covered on (covered.force, covered.category) = (force.force, named.category)
$$;

--
-- Name: denominator_of(text, text, integer, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.denominator_of(area text, divided_by text, year integer, as_of bigint) RETURNS TABLE(year integer, number integer, source text, note text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        held.year,
        held.number,
        held.source,
        case when held.year < denominator_of.year then
            format(
                'the number of %s is held for mid-%s and not for mid-%s',
                divided_by, held.year, denominator_of.year)
        end
    from (
        select counted.area, counted.year, counted.residents as number, counted.source
        from population as counted
        where denominator_of.divided_by = 'residents'
          and known_at(counted.since_change, counted.until_change, denominator_of.as_of)
        union all
        select counted.area, counted.year, counted.households, counted.source
        from household_count as counted
        where denominator_of.divided_by = 'households'
          and known_at(counted.since_change, counted.until_change, denominator_of.as_of)
    ) as held
    where held.area = denominator_of.area and held.year <= denominator_of.year
    order by held.year desc
    limit 1
$$;

--
-- Name: difference_in_differences(bigint, bigint, bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.difference_in_differences(before bigint, after bigint, control_before bigint, control_after bigint, withheld text) RETURNS TABLE(ratio numeric, interval_low numeric, interval_high numeric, clustered_low numeric, clustered_high numeric, expected numeric, fewer numeric, why text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        round(relative::numeric, 3),
        round(exp(ln(relative) - 1.96 * sqrt(variance))::numeric, 3),
        round(exp(ln(relative) + 1.96 * sqrt(variance))::numeric, 3),
        round(exp(ln(relative) - 1.96 * sqrt(2 * variance))::numeric, 3),
        round(exp(ln(relative) + 1.96 * sqrt(2 * variance))::numeric, 3),
        round(foretold, 1),
        round(foretold - after, 1),
        reason
    from (
        select
            reason,
            case when reason is null
                 then (after::float8 / before) / (control_after::float8 / control_before)
                 end as relative,
            case when reason is null
                 then 1.0::float8 / before + 1.0::float8 / after
                      + 1.0::float8 / control_before + 1.0::float8 / control_after end as variance,
            case when reason is null
                 then before::numeric * control_after / control_before end as foretold
        from (
            select case
                when withheld is not null then withheld
                when least(before, after, control_before, control_after) is null
                    then 'one of the counts is not available'
                when least(before, after, control_before, control_after) < 0
                    then 'a count is below nought'
                when least(before, after, control_before, control_after) = 0
                    then 'a count is nought'
            end as reason
        ) as judged
    ) as worked
$$;

--
-- Name: district_of(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.district_of(as_of bigint) RETURNS TABLE(area text, district text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select distinct on (inside.area) inside.area, inside.ancestor
    from area_ancestor as inside
    join area_ancestor as above
      on above.area = inside.ancestor
     and known_at(above.since_change, above.until_change, district_of.as_of)
    where inside.ancestor_kind = 'district'
      and known_at(inside.since_change, inside.until_change, district_of.as_of)
    group by inside.area, inside.ancestor
    order by inside.area, count(*) desc, inside.ancestor
$$;

--
-- Name: FUNCTION district_of(as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.district_of(as_of bigint) IS 'The district of each place: of several, the one that lies in the most others, and so lies in those that took over its land.';

--
-- Name: exposed(date, date, date, date, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.exposed(from_on date, to_on date, base_from date, base_to date, asked text) RETURNS TABLE(period integer, base integer, unit text, alike boolean)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        case unit when 'months' then months else days end,
        case unit when 'months' then base_months else base_days end,
        unit,
        coalesce(months = base_months, false) or days = base_days or same_days
    from (
        select
            measured.*,
            case
                when months is null or base_months is null or asked = 'days' then 'days'
                when asked = 'months' or (months % 12 = 0 and base_months % 12 = 0) then 'months'
                else 'days'
            end as unit,
            (exposed.base_from + later)::date = exposed.from_on
            and (
                (exposed.base_to + later)::date = exposed.to_on
                or (exposed.base_to + 1 + later)::date = exposed.to_on + 1) as same_days
        from (
            select
                exposed.to_on - exposed.from_on + 1 as days,
                exposed.base_to - exposed.base_from + 1 as base_days,
                case when extract(day from exposed.from_on) = 1
                      and extract(day from exposed.to_on + 1) = 1
                     then months_between(exposed.from_on, exposed.to_on + 1) end as months,
                case when extract(day from exposed.base_from) = 1
                      and extract(day from exposed.base_to + 1) = 1
                     then months_between(exposed.base_from, exposed.base_to + 1) end as base_months,
                (extract(year from exposed.from_on) - extract(year from exposed.base_from))
                * interval '1 year' as later
        ) as measured
    ) as chosen
$$;

--
-- Name: FUNCTION exposed(from_on date, to_on date, base_from date, base_to date, asked text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.exposed(from_on date, to_on date, base_from date, base_to date, asked text) IS 'The exposures of two periods in one unit, months for whole years and else days unless asked otherwise, and whether the two are alike.';

--
-- Name: first_id_of(numeric); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.first_id_of(millisecond numeric) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ((lpad(to_hex((GREATEST(millisecond, (0)::numeric))::bigint), 12, '0'::text) || '00000000000000000000'::text))::uuid;

--
-- Name: force_partnership(date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.force_partnership(from_on date, to_on date, as_of bigint) RETURNS TABLE(force text, partnership text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select inside.ancestor, version.area
    from area_version as version
    join area_ancestor as inside
      on inside.area = version.area
     and known_at(inside.since_change, inside.until_change, force_partnership.as_of)
    join area_version as force
      on force.area = inside.ancestor
     and force.kind = 'force'
     and known_at(force.since_change, force.until_change, force_partnership.as_of)
    where version.kind = 'partnership'
      and known_at(version.since_change, version.until_change, force_partnership.as_of)
      and coalesce(version.from_on, '-infinity') <= force_partnership.to_on
      and coalesce(version.to_on, 'infinity') >= force_partnership.from_on
      and not exists (
          -- One that was joined to another is counted in that.
          select from area_ancestor as joined
          join area_version as other on other.area = joined.ancestor and other.kind = 'partnership'
          where joined.area = version.area
            and joined.ancestor <> version.area
            and known_at(joined.since_change, joined.until_change, force_partnership.as_of)
            and known_at(other.since_change, other.until_change, force_partnership.as_of))
$$;

--
-- Name: FUNCTION force_partnership(from_on date, to_on date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.force_partnership(from_on date, to_on date, as_of bigint) IS 'The partnerships that a force must have in a table of partnerships for its sum to be whole.';

--
-- Name: given_whole(uuid, text, date, date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.given_whole(return_id uuid, area text, from_on date, to_on date) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select exists (
        select from return_cell as cell
        where cell.return_id = given_whole.return_id
          and cell.area = given_whole.area
          and cell.unassigned is null
          and cell.from_on >= coalesce(given_whole.from_on, '-infinity')
          and cell.to_on <= coalesce(given_whole.to_on, 'infinity'))
$$;

--
-- Name: FUNCTION given_whole(return_id uuid, area text, from_on date, to_on date); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.given_whole(return_id uuid, area text, from_on date, to_on date) IS 'Has a return a count of its own for all of an area, in a span?';

--
-- Name: hours_to_record(timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.hours_to_record(reported_at timestamp with time zone, recorded_at timestamp with time zone) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN round((EXTRACT(epoch FROM (recorded_at - reported_at)) / (3600)::numeric), 2);

--
-- Name: known_at(bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.known_at(since_change bigint, until_change bigint, as_of bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((since_change <= as_of) AND ((until_change IS NULL) OR (until_change > as_of)));

--
-- Name: FUNCTION known_at(since_change bigint, until_change bigint, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.known_at(since_change bigint, until_change bigint, as_of bigint) IS 'Is a version that begins at one change and ends at another the one known as of a change? Inlined by the planner.';

--
-- Name: leaf_hash(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.leaf_hash(entry text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(('\x00'::bytea || convert_to(entry, 'UTF8'::name)));

--
-- Name: line_hash(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.line_hash(line jsonb) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(convert_to((jsonb_strip_nulls(line))::text, 'UTF8'::name));

--
-- Name: lying_in(text[], bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lying_in(areas text[], known bigint, as_of bigint) RETURNS TABLE(area text, place text, lay boolean, lies boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        ancestor,
        area,
        bool_or(known_at(since_change, until_change, lying_in.known)),
        bool_or(known_at(since_change, until_change, lying_in.as_of))
    from area_ancestor
    where ancestor = any (areas)
      and (
          known_at(since_change, until_change, lying_in.known)
          or known_at(since_change, until_change, lying_in.as_of))
    group by 1, 2
$$;

--
-- Name: member_days(text[], bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.member_days(categories text[], known bigint, as_of bigint) RETURNS TABLE(category text, code text, days_then datemultirange, days_now datemultirange)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        version.category,
        member.code,
        range_agg(member.days)
            filter (where known_at(version.since_change, version.until_change, member_days.known)),
        range_agg(member.days)
            filter (where known_at(version.since_change, version.until_change, member_days.as_of))
    from category_version as version
    join (
        select category, definition, code, daterange(from_on, to_on, '[]') as days
        from category_code
        union all
        select every.category, every.definition, known_code.code, daterange(null, null)
        from category_version as every cross join known_code
        where every.every_code and known_code.since_change <= member_days.as_of
    ) as member using (category, definition)
    where version.category = any (categories)
      and (
          known_at(version.since_change, version.until_change, member_days.known)
          or known_at(version.since_change, version.until_change, member_days.as_of))
    group by 1, 2
$$;

--
-- Name: milestones_lie_within(jsonb, date, date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.milestones_lie_within(milestones jsonb, first date, last date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select milestones is null or jsonb_typeof(milestones) = 'array' and coalesce((
        select
            bool_and(coalesce(said.on_day between first and last and said.amount >= 0, false))
            and count(*) = count(distinct said.on_day)
        from (
            select (one ->> 'on')::date as on_day, (one ->> 'amount')::numeric as amount
            from jsonb_array_elements(milestones) as one
        ) as said
    ), true)
$$;

--
-- Name: FUNCTION milestones_lie_within(milestones jsonb, first date, last date); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.milestones_lie_within(milestones jsonb, first date, last date) IS 'Is each milestone an amount by a day of the period, and no day named twice?';

--
-- Name: month_of(date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.month_of(day date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (date_trunc('month'::text, (day)::timestamp without time zone))::date;

--
-- Name: FUNCTION month_of(day date); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.month_of(day date) IS 'The first day of its month. Inlined by the planner.';

--
-- Name: months_between(date, date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.months_between(earlier date, later date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select (
        (extract(year from later) - extract(year from earlier)) * 12
        + extract(month from later) - extract(month from earlier)
    )::int
$$;

--
-- Name: offence_became(boolean, boolean, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_became(erased boolean, cancelled boolean, reclassified boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN erased THEN 'erased'::text WHEN cancelled THEN 'cancelled'::text WHEN reclassified THEN 'reclassified'::text ELSE 'corrected'::text END;

--
-- Name: FUNCTION offence_became(erased boolean, cancelled boolean, reclassified boolean); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.offence_became(erased boolean, cancelled boolean, reclassified boolean) IS 'What a change made of a record that was there before. Inlined by the planner.';

--
-- Name: offence_faults(text, text, text, text, timestamp with time zone, timestamp with time zone, timestamp with time zone, date, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_faults(force text, area_name text, area text, code text, committed_from timestamp with time zone, committed_to timestamp with time zone, recorded_at timestamp with time zone, recorded_on date, reported_at timestamp with time zone, now timestamp with time zone) RETURNS TABLE(field text, detail text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select judged.field, judged.detail
    from (values
        ('area', case when offence_faults.area is null then
            format(
                'No area is called %s. GET /v1/areas lists those that are.',
                offence_faults.area_name) end),
        ('area', case when offence_faults.area is not null and not exists (
                select from area_ancestor as inside
                where inside.area = offence_faults.area
                  and inside.ancestor = offence_faults.force
                  and inside.until_change is null) then
            format(
                '%s does not lie in force %s: a crime is recorded by the force where it took '
                'place.',
                offence_faults.area_name, offence_faults.force) end),
        ('area', (
            select format(
                '%s (%s) was not an area on %s: it %s.',
                place.name,
                place.area,
                to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY'),
                case
                    when place.to_on < offence_faults.recorded_on
                        then 'ended on ' || to_char(place.to_on, 'FMDD FMMonth YYYY')
                    else 'began on ' || to_char(place.from_on, 'FMDD FMMonth YYYY')
                end)
            from area as place
            where place.area = offence_faults.area
              and (
                  place.to_on < offence_faults.recorded_on
                  or place.from_on > offence_faults.recorded_on))),
        ('code', case when not exists (
                select from known_code where known_code.code = offence_faults.code) then
            format(
                'No offence code %s is known. GET /v1/offence-codes lists those that are.',
                offence_faults.code) end),
        ('code', (
            select format(
                'Code %s %s, so nothing recorded on %s can be under it. '
                'GET /v1/offence-codes lists the codes of that day.',
                version.code,
                case
                    when version.to_on < offence_faults.recorded_on
                        then 'ended on ' || to_char(version.to_on, 'FMDD FMMonth YYYY')
                    else 'began on ' || to_char(version.from_on, 'FMDD FMMonth YYYY')
                end,
                to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY'))
            from code_version as version
            where version.code = offence_faults.code
              and version.until_change is null
              and (
                  version.to_on < offence_faults.recorded_on
                  or version.from_on > offence_faults.recorded_on))),
        ('recorded_on', case when offence_faults.recorded_on > civil_day(offence_faults.now) then
            format(
                '%s has not come yet: a crime is recorded today or earlier.',
                to_char(offence_faults.recorded_on, 'FMDD FMMonth YYYY')) end),
        ('recorded_on', case when offence_faults.recorded_on
                < civil_day(coalesce(offence_faults.committed_to, offence_faults.committed_from))
                then
            'A crime is recorded on the day it happened or later: '
            'check recorded_on, committed_from and committed_to.' end),
        ('committed_to', case when offence_faults.committed_to < offence_faults.committed_from then
            'committed_to cannot be earlier than committed_from.' end),
        ('reported_at', case when civil_day(offence_faults.reported_at) > offence_faults.recorded_on
                or offence_faults.reported_at > offence_faults.recorded_at then
            'A crime is reported before it is recorded: '
            'check reported_at against recorded_on and recorded_at.' end),
        ('recorded_at', case when civil_day(offence_faults.recorded_at)
                <> offence_faults.recorded_on then
            'recorded_at must fall on recorded_on, by the clock of Europe/London.' end),
        ('recorded_at', case when offence_faults.recorded_at > offence_faults.now
                and civil_day(offence_faults.recorded_at) = civil_day(offence_faults.now) then
            'recorded_at has not come yet: a crime is recorded now or earlier.' end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

--
-- Name: offence_faults(text, text, text, text, timestamp with time zone, timestamp with time zone, text, date, timestamp with time zone, date, timestamp with time zone, uuid, date, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_faults(force text, area_name text, area text, code text, committed_from timestamp with time zone, committed_to timestamp with time zone, outcome text, outcome_on date, recorded_at timestamp with time zone, recorded_on date, reported_at timestamp with time zone, transferred_from uuid, victims_told_on date, now timestamp with time zone) RETURNS TABLE(field text, detail text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select * from offence_faults(
        offence_faults.force, offence_faults.area_name, offence_faults.area, offence_faults.code,
        offence_faults.committed_from, offence_faults.committed_to, offence_faults.recorded_at,
        offence_faults.recorded_on, offence_faults.reported_at, offence_faults.now)
    union all
    select judged.field, judged.detail
    from (values
        ('outcome', case when not exists (
                select from outcome_type where outcome_type.outcome = offence_faults.outcome) then
            format(
                'No outcome %s is known. GET /v1/outcomes lists those that are.',
                offence_faults.outcome) end),
        ('outcome_on', case when offence_faults.outcome = '0'
                and offence_faults.outcome_on is not null then
            'Outcome 0 is not yet assigned, so it has no outcome_on.' end),
        ('outcome_on', case when offence_faults.outcome_on > civil_day(offence_faults.now) then
            format(
                '%s has not come yet: an outcome is assigned today or earlier.',
                to_char(offence_faults.outcome_on, 'FMDD FMMonth YYYY')) end),
        ('outcome_on', (
            select format(
                'Outcome %s could not be assigned before %s.',
                type.outcome, to_char(type.from_on, 'FMDD FMMonth YYYY'))
            from outcome_type as type
            where type.outcome = offence_faults.outcome
              and type.from_on > offence_faults.outcome_on)),
        ('transferred_from', case when offence_faults.transferred_from is not null
                and not was_transferred(offence_faults.transferred_from, offence_faults.force) then
            format(
                'No record %s of another force was transferred to %s.',
                offence_faults.transferred_from, offence_faults.force) end),
        ('victims_told_on', case when offence_faults.victims_told_on
                > civil_day(offence_faults.now) then
            format(
                '%s has not come yet: victims were told today or earlier.',
                to_char(offence_faults.victims_told_on, 'FMDD FMMonth YYYY')) end)
    ) as judged (field, detail)
    where judged.detail is not null
$$;

--
-- Name: offence_personal(text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_personal(decided_by text, location text, reason text, recorded_by text, reported_by text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (num_nonnulls(decided_by, location, reason, recorded_by, reported_by) > 0) THEN (jsonb_strip_nulls(jsonb_build_object('decided_by', decided_by, 'location', location, 'reason', reason, 'recorded_by', recorded_by, 'reported_by', reported_by)))::text ELSE NULL::text END;

--
-- Name: offence_points_at_what_is_known(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_points_at_what_is_known() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    fault record;
begin
    select named.broken, named.sentence into fault
    from (select distinct force, area, code, outcome, since_change from opened) as said
    cross join lateral (values
        ('offence_force_is_known', 'The force is not one that /v1/areas lists.',
            exists (select from known_area where known_area.area = said.force)),
        ('offence_area_is_known', 'The area is not one that /v1/areas lists.',
            exists (select from known_area where known_area.area = said.area)),
        ('offence_code_is_known', 'The code is not one that /v1/offence-codes lists.',
            exists (select from known_code where known_code.code = said.code)),
        ('offence_outcome_is_known',
            'An outcome is one of the types that /v1/outcomes lists, 0 to 22.',
            exists (select from outcome_type where outcome_type.outcome = said.outcome)),
        ('offence_began_at_a_change', 'A version begins at a change.',
            exists (select from change where change.id = said.since_change))
    ) as named (broken, sentence, known)
    where not named.known
    limit 1;
    if found then
        raise exception '%', fault.sentence using errcode = '23503', constraint = fault.broken;
    end if;
    return null;
end
$$;

--
-- Name: offence_touched(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_touched(after_change bigint, to_change bigint) RETURNS TABLE(change bigint, force text, offence_id uuid, what text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        now.since_change,
        now.force,
        now.offence_id,
        case
            when before.offence_id is null then 'recorded'
            else offence_became(
                now.erased_change = now.since_change, now.status <> before.status,
                now.code <> before.code)
        end
    from offence_version as now
    left join offence_version as before
      on before.until_change > offence_touched.after_change
     and before.until_change <= offence_touched.to_change
     and (before.until_change, before.force, before.offence_id)
       = (now.since_change, now.force, now.offence_id)
    where now.since_change > offence_touched.after_change
      and now.since_change <= offence_touched.to_change
$$;

--
-- Name: FUNCTION offence_touched(after_change bigint, to_change bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.offence_touched(after_change bigint, to_change bigint) IS 'The records that changes opened a version of, after one change and up to another, and what became of each.';

--
-- Name: offence_version_only_ends_or_is_erased(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offence_version_only_ends_or_is_erased() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    personal constant text[] := array[
        'decided_by', 'erased_change', 'location', 'reason', 'recorded_by', 'reported_by',
        'hours_to_record', 'recorded_in_time'];     -- these two are worked out only after this
begin
    if new.erased_change is distinct from old.erased_change then
        if old.erased_change is not null
           or to_jsonb(new) - personal <> to_jsonb(old) - personal then
            raise exception 'An erasure takes what is personal from a version, once, '
                'and leaves all else.'
                using errcode = '42501';
        end if;
    elsif old.until_change is not null then
        raise exception 'A version that ended at change % cannot be altered.', old.until_change
            using errcode = '42501';
    end if;
    return new;
end
$$;

--
-- Name: operation_records(uuid, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.operation_records(operation_id uuid, as_of bigint) RETURNS TABLE(force text, offence_id uuid)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select held.force, held.offence_id
    from operation_version as run
    join area_ancestor as inside
      on inside.ancestor = any (run.areas)
     and known_at(inside.since_change, inside.until_change, operation_records.as_of)
    join offence_version as held
      on held.area = inside.area
     and held.recorded_on between run.from_on and coalesce(run.to_on, 'infinity')
     and known_at(held.since_change, held.until_change, operation_records.as_of)
    where run.operation_id = operation_records.operation_id
      and known_at(run.since_change, run.until_change, operation_records.as_of)
      and run.tagging = 'rule'
      and exists (
          select from unnest(run.categories) as wanted (category)
          cross join category_member(wanted.category, operation_records.as_of) as member
          where member.code = held.code
            and held.recorded_on
                between coalesce(member.from_on, '-infinity')
                    and coalesce(member.to_on, 'infinity'))
      and not exists (
          select from operation_tag as tag
          where (tag.force, tag.operation_id, tag.offence_id)
              = (held.force, run.operation_id, held.offence_id)
            and not tag.tagged
            and known_at(tag.since_change, tag.until_change, operation_records.as_of))
    union
    select tag.force, tag.offence_id
    from operation_tag as tag
    where tag.operation_id = operation_records.operation_id
      and tag.tagged
      and known_at(tag.since_change, tag.until_change, operation_records.as_of)
$$;

--
-- Name: FUNCTION operation_records(operation_id uuid, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.operation_records(operation_id uuid, as_of bigint) IS 'Which records belong to an operation, as known at a change.';

--
-- Name: outcomes_counted(text[], date, date, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.outcomes_counted(areas text[], first date, last date, basis text, as_of bigint) RETURNS TABLE(area text, code text, month date, outcome text, undated boolean, number bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
    if first > last or not somebody_asks() then
        return;
    end if;
    if outcomes_counted.basis = 'assigned' then
        return query
            select
                inside.ancestor,
                held.code,
                month_of(held.recorded_on),
                held.outcome,
                false,
                count(*)
            from area_ancestor as inside
            join offence_version as held on held.area = inside.area
            where inside.ancestor = any (outcomes_counted.areas)
              and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
              and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
              and held.outcome_on between outcomes_counted.first and outcomes_counted.last
            group by 1, 2, 3, 4;
    end if;
    return query
        select
            inside.ancestor,
            held.code,
            month_of(held.recorded_on),
            held.outcome,
            outcomes_counted.basis = 'assigned',
            count(*)
        from area_ancestor as inside
        join offence_version as held on held.area = inside.area
        where inside.ancestor = any (outcomes_counted.areas)
          and known_at(inside.since_change, inside.until_change, outcomes_counted.as_of)
          and held.status = 'recorded'
          and known_at(held.since_change, held.until_change, outcomes_counted.as_of)
          and held.recorded_on between outcomes_counted.first and outcomes_counted.last
          and (
              outcomes_counted.basis = 'recorded'
              or held.outcome <> '0' and held.outcome_on is null)
        group by 1, 2, 3, 4;
end
$$;

--
-- Name: FUNCTION outcomes_counted(areas text[], first date, last date, basis text, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.outcomes_counted(areas text[], first date, last date, basis text, as_of bigint) IS 'Outcomes of records, counted in the name of the owner since figures are the same for everybody; it names no record.';

--
-- Name: published_stays_as_it_was(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.published_stays_as_it_was() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'What was published cannot be altered.' using errcode = '42501';
end
$$;

--
-- Name: rate_compared(bigint, bigint, integer, bigint, bigint, integer, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.rate_compared(value bigint, number bigint, length integer, base bigint, base_number bigint, base_length integer, withheld text) RETURNS TABLE(percent numeric, percent_withheld text, rate_ratio numeric, interval_low numeric, interval_high numeric, share numeric)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        case when reason is null
             then round(100 * (value::numeric * base_number / (number * base::numeric) - 1), 1) end,
        reason,
        round(ratio::numeric, 3),
        round(exp(ln(ratio) - spread)::numeric, 3),
        round(exp(ln(ratio) + spread)::numeric, 3),
        case when withheld is null and number > 0 and base_number > 0
             then number::numeric * length
                  / (number::numeric * length + base_number::numeric * base_length) end
    from (
        select
            case
                when withheld is not null then withheld
                when value is null or base is null then 'one of the counts is not available'
                when coalesce(number, 0) = 0 or coalesce(base_number, 0) = 0
                    then 'one of the numbers to divide by is not available'
                when base = 0 then 'the base count is nought'
                when least(value, base) < 50 then 'a count is under 50'
                when length <> base_length then 'the periods differ in length'
            end as reason,
            case when withheld is null and value > 0 and base > 0 and number > 0 and base_number > 0
                 then (value::float8 / number / length) / (base::float8 / base_number / base_length)
                 end as ratio,
            case when withheld is null and value > 0 and base > 0
                 then 1.96 * sqrt(1.0::float8 / value + 1.0::float8 / base) end as spread
    ) as worked
$$;

--
-- Name: rate_withheld_of(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.rate_withheld_of(area text, as_of bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select min(told.reason)
    from rate_withheld as told join area_ancestor as inside on inside.ancestor = told.area
    where inside.area = rate_withheld_of.area
      and known_at(inside.since_change, inside.until_change, rate_withheld_of.as_of)
$$;

--
-- Name: reclassifications_counted(text[], text, date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reclassifications_counted(areas text[], category text, first date, last date, as_of bigint) RETURNS TABLE(asked text, from_code text, to_code text, reclassifications bigint, records bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

--
-- Name: reclassified(text[], text, date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reclassified(areas text[], category text, first date, last date, as_of bigint) RETURNS TABLE(asked text, force text, offence_id uuid, change bigint, from_code text, to_code text, decided_by text, reason text, recorded_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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

--
-- Name: record_moved(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_moved(release_id uuid, known bigint, as_of bigint) RETURNS TABLE(force text, offence_id uuid, known_then boolean, transferred_in boolean, transferred_out boolean, status_then boolean, status_now boolean, day_then date, day_now date, area_then text, area_now text, code_then text, code_now text, victims_then integer, victims_now integer)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with asked as materialized (
        select release.areas, release.categories, named.from_on, named.to_on
        from release
        cross join lateral (values (from_on, to_on), (base_from, base_to)) as named (from_on, to_on)
        where release.release_id = record_moved.release_id
          and release.source = 'records'
          and named.from_on is not null
    ), place as materialized (
        select lying.place, bool_or(lying.lay is distinct from lying.lies) as redrawn
        from (select areas from asked limit 1) as asked
        cross join lying_in(asked.areas, record_moved.known, record_moved.as_of) as lying
        group by 1
    ), redefined as materialized (
        select distinct days.code
        from (select categories from asked limit 1) as asked
        cross join member_days(asked.categories, record_moved.known, record_moved.as_of) as days
        where days.days_then is distinct from days.days_now
    ), moved as (
        select held.force, held.offence_id
        from offence_version as held
        where held.since_change > record_moved.known
          and held.since_change <= record_moved.as_of
          and exists (select from asked)
        union
        select held.force, held.offence_id
        from asked
        cross join place
        join offence_version as held
          on held.area = place.place
         and held.recorded_on between asked.from_on and asked.to_on
         and known_at(held.since_change, held.until_change, record_moved.as_of)
        where place.redrawn
        union
        select held.force, held.offence_id
        from asked
        cross join place
        join offence_version as held
          on held.area = place.place
         and held.recorded_on between asked.from_on and asked.to_on
         and known_at(held.since_change, held.until_change, record_moved.as_of)
        where exists (select from redefined) and held.code in (select code from redefined)
    )
    select
        after.force,
        after.offence_id,
        before.offence_id is not null,
        after.transferred_from is not null,
        after.cancelled_reason = 'transferred',
        coalesce(before.status, after.status) = 'recorded',
        after.status = 'recorded',
        coalesce(before.recorded_on, after.recorded_on),
        after.recorded_on,
        coalesce(before.area, after.area),
        after.area,
        coalesce(before.code, after.code),
        after.code,
        coalesce(before.victims, after.victims),
        after.victims
    from moved
    join offence_version as after
      on after.force = moved.force
     and after.offence_id = moved.offence_id
     and known_at(after.since_change, after.until_change, record_moved.as_of)
    left join offence_version as before
      on before.force = moved.force
     and before.offence_id = moved.offence_id
     and known_at(before.since_change, before.until_change, record_moved.known)
    where (before.area in (select place from place) or after.area in (select place from place))
      and exists (
          select from asked
          where before.recorded_on between from_on and to_on
             or after.recorded_on between from_on and to_on)
$$;

--
-- Name: recorded_by_force(text, date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.recorded_by_force(force text, first date, last date, as_of bigint) RETURNS TABLE(code text, recorded_on date, number bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
    if first <= last and somebody_asks() then
        return query
            select held.code, held.recorded_on, count(*)
            from offence_version as held
            where held.force = recorded_by_force.force
              and held.recorded_on between recorded_by_force.first and recorded_by_force.last
              and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_by_force.as_of)
            group by 1, 2;
    end if;
end
$$;

--
-- Name: recorded_by_month(text[], date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.recorded_by_month(areas text[], first date, last date, as_of bigint) RETURNS TABLE(area text, code text, day date, offences integer, victims integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    SET random_page_cost TO '1.1'
    AS $$
#variable_conflict use_column
declare
    tallied boolean := to_regclass('pg_dist_partition') is null and not exists (
        select from area_ancestor as land
        where land.ancestor = any (recorded_by_month.areas)
          and (
              land.ancestor_kind = 'beat'
              or land.until_change > recorded_by_month.as_of
              or land.since_change > recorded_by_month.as_of and exists (
                  -- Of land that was not there before, no record was known then.
                  select from area_ancestor as before
                  where before.area = land.area
                    and before.since_change <= recorded_by_month.as_of)));
    begins date := whole_from(recorded_by_month.first, recorded_by_month.last, tallied);
    ends date := whole_until(recorded_by_month.first, recorded_by_month.last, tallied);
    part record;
begin
    if not somebody_asks() then
        return;
    end if;
    if begins < ends then
        return query
            with cell as materialized (
                select
                    inside.ancestor,
                    inside.area,
                    (begins + make_interval(months => number))::date as month
                from area_ancestor as inside
                cross join generate_series(0, months_between(begins, ends - 1)) as number
                where inside.ancestor = any (recorded_by_month.areas)
                  and inside.until_change is null
            ), counted as (
                select held.area, held.code, held.month, held.offences, held.victims
                from tally as held
                where held.area = any (recorded_by_month.areas)
                  and held.month >= begins
                  and held.month < ends
                union all
                select cell.ancestor, entered.code, cell.month, -1, -entered.victims
                from cell
                join offence_version as entered
                  on entered.area = cell.area and month_of(entered.recorded_on) = cell.month
                where entered.until_change is null
                  and entered.status = 'recorded'
                  and entered.since_change > recorded_by_month.as_of
                union all
                select cell.ancestor, gone.code, cell.month, 1, gone.victims
                from cell
                join offence_version as gone
                  on gone.area = cell.area and month_of(gone.recorded_on) = cell.month
                where gone.until_change > recorded_by_month.as_of
                  and gone.status = 'recorded'
                  and gone.since_change <= recorded_by_month.as_of
            )
            select
                counted.area,
                counted.code,
                counted.month,
                sum(counted.offences)::int,
                sum(counted.victims)::int
            from counted
            group by 1, 2, 3
            having sum(counted.offences) <> 0;
    end if;
    for part in
        select * from (values (first, begins - 1), (ends, last)) as part (from_on, to_on)
        where from_on <= to_on
    loop
        return query
            select
                inside.ancestor,
                held.code,
                greatest(month_of(held.recorded_on), recorded_by_month.first),
                count(*)::int,
                sum(held.victims)::int
            from area_ancestor as inside join offence_version as held on held.area = inside.area
            where inside.ancestor = any (recorded_by_month.areas)
              and known_at(inside.since_change, inside.until_change, recorded_by_month.as_of)
              and held.recorded_on between part.from_on and part.to_on
              and held.status = 'recorded'
              and known_at(held.since_change, held.until_change, recorded_by_month.as_of)
            group by 1, 2, 3;
    end loop;
end
$$;

--
-- Name: FUNCTION recorded_by_month(areas text[], first date, last date, as_of bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.recorded_by_month(areas text[], first date, last date, as_of bigint) IS 'Records of these days that counted in these areas as known at a change, by code and month: a month is named by its first day, or the first asked.';

--
-- Name: recorded_in_time(timestamp with time zone, timestamp with time zone, date); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.recorded_in_time(reported_at timestamp with time zone, recorded_at timestamp with time zone, recorded_on date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (reported_at IS NULL) THEN NULL::boolean WHEN ((COALESCE(recorded_at, (((recorded_on + 1))::timestamp without time zone AT TIME ZONE 'Europe/London'::text)) - reported_at) <= CASE WHEN (reported_at < '2015-03-31 23:00:00+00'::timestamp with time zone) THEN '72:00:00'::interval ELSE '24:00:00'::interval END) THEN true WHEN ((COALESCE(recorded_at, ((recorded_on)::timestamp without time zone AT TIME ZONE 'Europe/London'::text)) - reported_at) > CASE WHEN (reported_at < '2015-03-31 23:00:00+00'::timestamp with time zone) THEN '72:00:00'::interval ELSE '24:00:00'::interval END) THEN false ELSE NULL::boolean END;

--
-- Name: records_within(text[], text, date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.records_within(areas text[], category text, first date, last date, as_of bigint) RETURNS TABLE(asked text, force text, offence_id uuid, since_change bigint, area text, cancelled_reason text, code text, hours_to_record numeric, outcome text, recorded_in_time boolean, recorded_on date, reported_at timestamp with time zone, status text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select
        inside.ancestor,
        held.force,
        held.offence_id,
        held.since_change,
        held.area,
        held.cancelled_reason,
        held.code,
        held.hours_to_record,
        held.outcome,
        held.recorded_in_time,
        held.recorded_on,
        held.reported_at,
        held.status
    from area_ancestor as inside
    join offence_version as held on held.area = inside.area
    left join category_member(records_within.category, records_within.as_of) as member
      on member.code = held.code
     and held.recorded_on
         between coalesce(member.from_on, '-infinity') and coalesce(member.to_on, 'infinity')
    where (
        inside.ancestor = any (records_within.areas)
        or records_within.areas is null and inside.ancestor = inside.area)
      and known_at(inside.since_change, inside.until_change, records_within.as_of)
      and held.recorded_on between records_within.first and records_within.last
      and known_at(held.since_change, held.until_change, records_within.as_of)
      and (records_within.category is null or member.code is not null)
$$;

--
-- Name: release_movement(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_movement(release_id uuid, known bigint, as_of bigint) RETURNS TABLE("position" integer, role text, force text, offence_id uuid, part text, contribution bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with asked as materialized (
        select
            release.areas,
            release.categories,
            release.measure,
            named.role,
            daterange(named.from_on, named.to_on, '[]') as days
        from release
        cross join lateral (
            values ('value', from_on, to_on), ('base', base_from, base_to)
        ) as named (role, from_on, to_on)
        where release.release_id = release_movement.release_id and named.from_on is not null
    ), told as materialized (
        select * from record_moved(
            release_movement.release_id, release_movement.known, release_movement.as_of)
    ), lying as materialized (
        -- Of each pair of places: did that of then lie in an area as drawn then, did that of now,
        -- does it now?
        select
            pair.area_then,
            pair.area_now,
            inside.area,
            bool_or(inside.place = area_then and inside.lay) as lay,
            bool_or(inside.place = area_now and inside.lay) as moved,
            bool_or(inside.place = area_now and inside.lies) as lies
        from (select distinct area_then, area_now from told) as pair
        cross join lateral unnest(array[area_then, area_now]) as its (place)
        join (
            select within.* from (select areas from asked limit 1) as asked
            cross join lying_in(
                asked.areas, release_movement.known, release_movement.as_of) as within
        ) as inside on inside.place = its.place
        group by 1, 2, 3
    ), counted as materialized (
        -- Of each pair of codes: on which days did a category take in that of then, and that of
        -- now, and does it now?
        select
            pair.code_then,
            pair.code_now,
            member.category,
            coalesce(range_agg(days_then) filter (where member.code = code_then), '{}')
                as belonged,
            coalesce(range_agg(days_then) filter (where member.code = code_now), '{}')
                as reclassified,
            coalesce(range_agg(days_now) filter (where member.code = code_now), '{}')
                as belongs
        from (select distinct code_then, code_now from told) as pair
        cross join lateral unnest(array[code_then, code_now]) as its (code)
        join (
            select days.* from (select categories from asked limit 1) as asked
            cross join member_days(
                asked.categories, release_movement.known, release_movement.as_of) as days
        ) as member on member.code = its.code
        group by 1, 2, 3
    )
    select
        figure.position,
        asked.role,
        told.force,
        told.offence_id,
        step.part,
        step.contribution
    from told
    join lying using (area_then, area_now)
    join counted using (code_then, code_now)
    cross join asked
    join release_figure as figure
      on figure.release_id = release_movement.release_id
     and figure.area = lying.area
     and figure.category = counted.category
    cross join lateral (
        select
            (status_then and asked.days @> day_then and lay and belonged @> day_then)::int as was,
            (status_now and asked.days @> day_then and lay and belonged @> day_then)::int as stands,
            (status_now and asked.days @> day_now and lay and belonged @> day_now)::int as dated,
            (status_now and asked.days @> day_now and moved and belonged @> day_now)::int as placed,
            (status_now and asked.days @> day_now and moved and reclassified @> day_now)::int
                as classed,
            (status_now and asked.days @> day_now and moved and belongs @> day_now)::int as defined,
            (status_now and asked.days @> day_now and lies and belongs @> day_now)::int as counts,
            case asked.measure when 'victims' then victims_then else 1 end as weight,
            case asked.measure when 'victims' then victims_now - victims_then else 0 end as heavier
    ) as its
    cross join lateral (values
        (case when transferred_in then 'transferred_in' else 'recorded_late' end,
         case when known_then then 0 else was * weight end::bigint),
        (case
            when stands > was then 'reinstated'
            when transferred_out then 'transferred'
            else 'cancelled'
         end, (stands - was) * weight),
        ('redated', (dated - stands) * weight),
        ('moved_area', (placed - dated) * weight),
        (case when classed > placed then 'reclassified_in' else 'reclassified_out' end,
         (classed - placed) * weight),
        ('redefined', (defined - classed) * weight),
        ('redrawn', (counts - defined) * weight),
        ('victims_corrected', counts * heavier)
    ) as step (part, contribution)
    where (asked.days @> day_then or asked.days @> day_now) and step.contribution <> 0
$$;

--
-- Name: release_parts(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_parts(release_id uuid, known bigint, as_of bigint) RETURNS TABLE("position" integer, role text, part text, difference bigint, records bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
    if somebody_asks() then
        return query
            select
                moved.position,
                moved.role,
                moved.part,
                sum(moved.contribution)::bigint,
                count(distinct moved.offence_id)
            from release_movement(
                release_parts.release_id, release_parts.known, release_parts.as_of
            ) as moved
            group by 1, 2, 3;
    end if;
end
$$;

--
-- Name: review_group(date, text, datemultirange, datemultirange); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.review_group(recorded_on date, outcome text, first_days datemultirange, second_days datemultirange) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case
        when first_days @> recorded_on then 1
        when second_days @> recorded_on then 2
        when outcome in ('0', '14', '18') then 4
        else 3
    end
$$;

--
-- Name: FUNCTION review_group(recorded_on date, outcome text, first_days datemultirange, second_days datemultirange); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.review_group(recorded_on date, outcome text, first_days datemultirange, second_days datemultirange) IS 'By the national retention criteria: 1 public protection, 2 other sexual, violent and serious crime, 4 undetected, 3 all other.';

--
-- Name: said_of_records_within(text[], text, date, date, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.said_of_records_within(areas text[], category text, first date, last date, as_of bigint) RETURNS TABLE(asked text, cancelled_reason text, code text, hours_to_record numeric, outcome text, recorded_in_time boolean, reported boolean, status text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

--
-- Name: sampled_records(text[], text, date, date, text, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sampled_records(areas text[], category text, first date, last date, status text, stratify text, as_of bigint) RETURNS TABLE(force text, offence_id uuid, since_change bigint, stratum text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
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

--
-- Name: sealed_stays_sealed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sealed_stays_sealed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'What is sealed cannot be altered.' using errcode = '42501';
end
$$;

--
-- Name: sees(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sees(force text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select current_setting('crimebook.forces', true) = '*'
        or sees.force = any (string_to_array(current_setting('crimebook.forces', true), ','))
$$;

--
-- Name: FUNCTION sees(force text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.sees(force text) IS 'Are records of this force to be seen in this transaction? As the policies say it, for what names a force in other words.';

--
-- Name: somebody_asks(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.somebody_asks() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select current_setting('crimebook.forces', true) <> ''
$$;

--
-- Name: FUNCTION somebody_asks(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.somebody_asks() IS 'Was it said in whose name this transaction asks?';

--
-- Name: street_crimes_counted(text, text, date, date, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.street_crimes_counted(of_force text, of_area text, from_month date, to_month date, of_type text, as_of bigint) RETURNS TABLE(force text, month date, crime_type text, number bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
begin
    if somebody_asks() then
        return query
            select crime.force, crime.month, crime.crime_type, count(*)
            from street_record_version as crime
            where crime.kind = 'street'
              and known_at(crime.since_change, crime.until_change, street_crimes_counted.as_of)
              and (
                  street_crimes_counted.of_force is null
                  or crime.force = street_crimes_counted.of_force)
              and (
                  street_crimes_counted.of_area is null
                  or crime.area in (
                      select inside.area from area_ancestor as inside
                      where inside.ancestor = street_crimes_counted.of_area
                        and known_at(
                            inside.since_change, inside.until_change, street_crimes_counted.as_of)))
              and (
                  street_crimes_counted.from_month is null
                  or crime.month >= street_crimes_counted.from_month)
              and (
                  street_crimes_counted.to_month is null
                  or crime.month <= street_crimes_counted.to_month)
              and (
                  street_crimes_counted.of_type is null
                  or crime.crime_type = street_crimes_counted.of_type)
            group by 1, 2, 3;
    end if;
end
$$;

--
-- Name: street_outcomes_of(text, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.street_outcomes_of(force text, crime_id text, as_of bigint) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'month', held.month,
                'outcome_type', held.outcome_type,
                'street_outcome_id', held.street_record_id
            ) order by held.month, held.street_record_id),
        '[]')
    from street_record_version as held
    where held.force = street_outcomes_of.force
      and held.crime_id = street_outcomes_of.crime_id
      and held.kind = 'outcomes'
      and known_at(held.since_change, held.until_change, street_outcomes_of.as_of)
$$;

--
-- Name: student_quantile(bigint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.student_quantile(errors bigint, share integer) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    select case share
        when 80 then (array[
            3.0777, 1.8856, 1.6377, 1.5332, 1.4759, 1.4398, 1.4149, 1.3968, 1.3830, 1.3722
        ])[least(errors, 10)]
        when 95 then (array[
            12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281
        ])[least(errors, 10)]
    end
$$;

--
-- Name: thing_touched(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.thing_touched(after_change bigint, to_change bigint) RETURNS TABLE(change bigint, noun text, name text, what text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    with opened as (
        select 'areas' as noun, area as name, since_change, until_change
        from area_version
        union all
        select 'offence-codes', code, since_change, until_change
        from code_version
        union all
        select 'categories', category, since_change, until_change
        from category_version
        union all
        select 'measures', measure, since_change, until_change
        from measure_version
        union all
        select 'measures', measure || '/observations/' || observation_id, since_change, until_change
        from observation_version
        union all
        select 'targets', target_id::text, since_change, until_change
        from target_version
    ), moved as (
        select since_change as change, noun, name, 1 as begun, 0 as ended
        from opened
        where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
        union all
        select until_change, noun, name, 0, 1
        from opened
        where until_change > thing_touched.after_change and until_change <= thing_touched.to_change
    )
    select
        moved.change,
        moved.noun,
        moved.name,
        case
            when sum(moved.ended) = 0 then 'begun'
            when sum(moved.begun) = 0 then 'ended'
            else 'altered'
        end
    from moved
    group by moved.change, moved.noun, moved.name
    union all
    select return.change, 'returns', return_id::text, 'begun'
    from return
    where return.change > thing_touched.after_change and return.change <= thing_touched.to_change
    union all
    select since_change, 'releases', release_id::text, 'begun'
    from release
    where since_change > thing_touched.after_change and since_change <= thing_touched.to_change
    union all
    select created_change, 'callers', caller_id::text, 'begun'
    from caller
    where created_change > thing_touched.after_change and created_change <= thing_touched.to_change
    union all
    select revoked_change, 'callers', caller_id::text, 'ended'
    from caller
    where revoked_change > thing_touched.after_change and revoked_change <= thing_touched.to_change
$$;

--
-- Name: FUNCTION thing_touched(after_change bigint, to_change bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.thing_touched(after_change bigint, to_change bigint) IS 'All else that changes began, altered or ended, after one change and up to another, by noun and name.';

--
-- Name: was_transferred(uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.was_transferred(offence_id uuid, force text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    return sees(was_transferred.force) and exists (
        select from offence as sent
        where sent.offence_id = was_transferred.offence_id
          and sent.cancelled_reason = 'transferred'
          and sent.force <> was_transferred.force
          and coalesce(sent.transferred_to, was_transferred.force) = was_transferred.force);
end
$$;

--
-- Name: whole_from(date, date, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.whole_from(from_on date, to_on date, tallied boolean) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case when tallied and begins < ends then begins else to_on + 1 end
    from (
        select
            (date_trunc('month', (from_on - 1)::timestamp) + interval '1 month')::date,
            date_trunc('month', (to_on + 1)::timestamp)::date
    ) as month (begins, ends)
$$;

--
-- Name: whole_until(date, date, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.whole_until(from_on date, to_on date, tallied boolean) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select case when tallied and begins < ends then ends else to_on + 1 end
    from (
        select
            (date_trunc('month', (from_on - 1)::timestamp) + interval '1 month')::date,
            date_trunc('month', (to_on + 1)::timestamp)::date
    ) as month (begins, ends)
$$;

--
-- Name: wilson(numeric, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wilson(counted numeric, among bigint) RETURNS TABLE(share numeric, low numeric, high numeric)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    select
        round(p::numeric, 4),
        round(case when among > 0 then greatest(middle - spread, 0) end::numeric, 4),
        round(case when among > 0 then least(middle + spread, 1) end::numeric, 4)
    from (
        select
            counted::float8 / nullif(among, 0) as p,
            nullif(among, 0)::float8 as n,
            1.959963984540054::float8 ^ 2 as z2
    ) as given
    cross join lateral (
        select
            (p + z2 / (2 * n)) / (1 + z2 / n) as middle,
            sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n ^ 2))) / (1 + z2 / n) as spread
    ) as worked
$$;

--
-- Name: FUNCTION wilson(counted numeric, among bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.wilson(counted numeric, among bigint) IS 'A share and the Wilson interval that holds the true one in 95 samples of 100; all null where it is a share of none.';

--
-- Name: access; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.access (
    access_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    asked jsonb NOT NULL,
    caller text NOT NULL,
    change bigint,
    first_offence_id uuid,
    first_recorded_on date,
    force text,
    justification text,
    kind public.access_kind NOT NULL,
    last_offence_id uuid,
    last_recorded_on date,
    media_type text,
    method text,
    offence_id uuid,
    offence_ids uuid[],
    operation text NOT NULL,
    path text,
    recipient text,
    records integer,
    trace_id text NOT NULL
);

--
-- Name: TABLE access; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.access IS 'Every access to records. access_id is a UUIDv7 of the instant at, so the log is in the order of time.';

--
-- Name: COLUMN access.asked; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access.asked IS 'The question as it was evaluated, areas and categories by code; never free text.';

--
-- Name: COLUMN access.change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access.change IS 'The change that the answer reflects, or that was made.';

--
-- Name: COLUMN access.first_offence_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access.first_offence_id IS 'With first_recorded_on: the first record that was shown of a list, as the last two columns are the last.';

--
-- Name: COLUMN access.offence_ids; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access.offence_ids IS 'The records that were shown, where the question alone cannot tell.';

--
-- Name: COLUMN access.recipient; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access.recipient IS 'To whom records were disclosed: a caller, or the force they were transferred to.';

--
-- Name: COLUMN access.records; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access.records IS 'How many records; null for a stream, of which access_end tells.';

--
-- Name: access_end; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.access_end (
    access_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    complete boolean NOT NULL,
    first_offence_id uuid,
    first_recorded_on date,
    last_offence_id uuid,
    last_recorded_on date,
    offence_ids uuid[],
    records integer NOT NULL,
    access_force text,
    CONSTRAINT access_end_records_can_be_counted CHECK ((records >= 0))
);

--
-- Name: TABLE access_end; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.access_end IS 'How each streamed access ended. One without a row here is under way, or its process was killed.';

--
-- Name: COLUMN access_end.access_force; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.access_end.access_force IS 'The force of its access, so that both are seen by the same.';

--
-- Name: area_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.area_version (
    area text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    from_on date,
    kind text NOT NULL,
    name text NOT NULL,
    parents text[] DEFAULT '{}'::text[] NOT NULL,
    slug text NOT NULL,
    to_on date,
    CONSTRAINT area_ends_on_or_after_it_begins CHECK ((from_on <= to_on)),
    CONSTRAINT area_kind_is_known CHECK ((kind = ANY (ARRAY['beat'::text, 'district'::text, 'partnership'::text, 'force'::text, 'body'::text, 'region'::text, 'nation'::text]))),
    CONSTRAINT area_slug_reads_well CHECK ((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT area_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: COLUMN area_version.aliases; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.area_version.aliases IS 'Other names that returns use for it: "London, City of" for City of London.';

--
-- Name: COLUMN area_version.kind; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.area_version.kind IS 'body: a reporting body without land, such as British Transport Police or Action Fraud.';

--
-- Name: CONSTRAINT area_ends_on_or_after_it_begins ON area_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT area_ends_on_or_after_it_begins ON public.area_version IS 'An area cannot end before it begins: check from_on and to_on.';

--
-- Name: CONSTRAINT area_kind_is_known ON area_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT area_kind_is_known ON public.area_version IS 'An area is a beat, district, partnership, force, body, region or nation.';

--
-- Name: CONSTRAINT area_slug_reads_well ON area_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT area_slug_reads_well ON public.area_version IS 'A slug is lower-case words joined by single hyphens, like west-northamptonshire.';

--
-- Name: area; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.area WITH (security_invoker='true') AS
 SELECT area,
    since_change,
    aliases,
    from_on,
    kind,
    name,
    parents,
    slug,
    to_on
   FROM public.area_version
  WHERE (until_change IS NULL);

--
-- Name: area_ancestor; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.area_ancestor (
    area text NOT NULL,
    ancestor text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    ancestor_kind text NOT NULL,
    CONSTRAINT area_ancestor_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: built_in_measure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.built_in_measure (
    measure text NOT NULL,
    "position" integer NOT NULL,
    better text NOT NULL,
    decimals integer NOT NULL,
    description text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL
);

--
-- Name: TABLE built_in_measure; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.built_in_measure IS 'What the service itself works out from records or from a return.';

--
-- Name: caller; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.caller (
    caller_id uuid NOT NULL,
    created_change bigint NOT NULL,
    digest bytea NOT NULL,
    forces text[] NOT NULL,
    name text NOT NULL,
    revoked_change bigint,
    scopes text[] NOT NULL,
    CONSTRAINT caller_is_named CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,99}$'::text)),
    CONSTRAINT caller_scopes_are_known CHECK (((scopes <@ ARRAY['read'::text, 'record'::text, 'publish'::text, 'audit'::text, 'erase'::text, 'administer'::text]) AND (cardinality(scopes) > 0)))
);

--
-- Name: COLUMN caller.digest; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.caller.digest IS 'Of the key that the caller was made with; all its keys are in caller_key_version.';

--
-- Name: COLUMN caller.forces; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.caller.forces IS 'Area codes of the forces whose records it may see and write; empty means every force.';

--
-- Name: CONSTRAINT caller_is_named ON caller; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT caller_is_named ON public.caller IS 'A caller''s name is up to 100 letters, digits, spaces and . _ @ -, and begins with a letter or digit.';

--
-- Name: caller_key_use; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.caller_key_use (
    key_id uuid NOT NULL,
    used_at timestamp with time zone NOT NULL
);

--
-- Name: caller_key_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.caller_key_version (
    caller_id uuid NOT NULL,
    key_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    digest bytea NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT caller_key_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT caller_key_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE caller_key_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.caller_key_version IS 'Keys as digests: a version that ended and was followed by none is a key that was revoked.';

--
-- Name: category_code; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.category_code (
    category text NOT NULL,
    definition integer NOT NULL,
    code text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    from_on date,
    to_on date,
    CONSTRAINT category_code_begins_with_a_month CHECK ((EXTRACT(day FROM from_on) = (1)::numeric)),
    CONSTRAINT category_code_ends_on_or_after_it_begins CHECK ((from_on <= to_on)),
    CONSTRAINT category_code_ends_with_a_month CHECK ((EXTRACT(day FROM (to_on + 1)) = (1)::numeric))
);

--
-- Name: CONSTRAINT category_code_begins_with_a_month ON category_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT category_code_begins_with_a_month ON public.category_code IS 'Codes enter and leave groups on the first and last day of a month.';

--
-- Name: CONSTRAINT category_code_ends_with_a_month ON category_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT category_code_ends_with_a_month ON public.category_code IS 'Codes enter and leave groups on the first and last day of a month.';

--
-- Name: category_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.category_version (
    category text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    definition integer NOT NULL,
    derived boolean DEFAULT false NOT NULL,
    description text NOT NULL,
    every_code boolean DEFAULT false NOT NULL,
    name text NOT NULL,
    part_of text,
    CONSTRAINT category_definitions_begin_at_one CHECK ((definition >= 1)),
    CONSTRAINT category_reads_well CHECK ((category ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT category_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: COLUMN category_version.aliases; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.category_version.aliases IS 'Other names that returns use for it.';

--
-- Name: COLUMN category_version.derived; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.category_version.derived IS 'Follows the classification: an ONS group or subgroup, defined again whenever a code moves.';

--
-- Name: COLUMN category_version.every_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.category_version.every_code IS 'Takes in every code, those of tomorrow too: all recorded crime.';

--
-- Name: COLUMN category_version.part_of; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.category_version.part_of IS 'The ONS group of a subgroup, and all-crime for a group: what the parts of a return add up to.';

--
-- Name: CONSTRAINT category_reads_well ON category_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT category_reads_well ON public.category_version IS 'A category is lower-case words joined by single hyphens, like vehicle-crime.';

--
-- Name: known_code; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_code (
    code text NOT NULL,
    since_change bigint NOT NULL,
    CONSTRAINT offence_code_reads_well CHECK ((code ~ '^[A-Za-z0-9][A-Za-z0-9 ./]{0,23}$'::text))
);

--
-- Name: TABLE known_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.known_code IS 'Every offence code ever used here: what records and returns may point at.';

--
-- Name: COLUMN known_code.since_change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.known_code.since_change IS 'When it was first said here that there is such a code: every code, as of a change, is those known by then.';

--
-- Name: CONSTRAINT offence_code_reads_well ON known_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_code_reads_well ON public.known_code IS 'An offence code is up to 24 letters, digits, spaces, full stops and slashes, and begins with a letter or digit, like 28A.';

--
-- Name: category_member_now; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.category_member_now WITH (security_invoker='true') AS
 SELECT version.category,
    member.code,
    COALESCE(member.from_on, '-infinity'::date) AS from_on,
    COALESCE(member.to_on, 'infinity'::date) AS to_on
   FROM (public.category_version version
     JOIN public.category_code member USING (category, definition))
  WHERE (version.until_change IS NULL)
UNION ALL
 SELECT version.category,
    known_code.code,
    '-infinity'::date AS from_on,
    'infinity'::date AS to_on
   FROM (public.category_version version
     CROSS JOIN public.known_code)
  WHERE (version.every_code AND (version.until_change IS NULL));

--
-- Name: VIEW category_member_now; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.category_member_now IS 'The codes of each category as it is defined now, each with the days between which it belongs.';

--
-- Name: category_tally; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.category_tally (
    force text NOT NULL,
    area text NOT NULL,
    category text NOT NULL,
    month date NOT NULL,
    offences integer NOT NULL,
    victims integer NOT NULL,
    CONSTRAINT category_tally_is_not_negative CHECK (((offences >= 0) AND (victims >= 0)))
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.02', autovacuum_analyze_scale_factor='0.02', fillfactor='75');

--
-- Name: TABLE category_tally; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.category_tally IS 'The tally by category instead of by code, each as it is defined now.';

--
-- Name: change; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.change (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    caller text NOT NULL,
    reason text NOT NULL,
    trace_id text NOT NULL,
    submission_id uuid,
    CONSTRAINT change_gives_its_reason CHECK ((reason <> ''::text)),
    CONSTRAINT change_names_its_caller CHECK ((caller <> ''::text)),
    CONSTRAINT change_numbers_begin_at_one CHECK ((id >= 1))
);

--
-- Name: TABLE change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.change IS 'Who changed the book, when and why; what a commit is to git. Ids have no gaps and follow commit order, as do the instants.';

--
-- Name: CONSTRAINT change_gives_its_reason ON change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT change_gives_its_reason ON public.change IS 'Every change needs a reason: say in a few words why it is made.';

--
-- Name: code_period; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.code_period (
    code text NOT NULL,
    since_change bigint NOT NULL,
    "position" integer NOT NULL,
    description text NOT NULL,
    from_on date,
    offence_group text NOT NULL,
    offence_subgroup text NOT NULL,
    to_on date,
    CONSTRAINT code_period_ends_on_or_after_it_begins CHECK ((from_on <= to_on))
);

--
-- Name: TABLE code_period; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.code_period IS 'What a code was called and where it was grouped, from day to day; the part of its version that varies with time.';

--
-- Name: CONSTRAINT code_period_ends_on_or_after_it_begins ON code_period; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT code_period_ends_on_or_after_it_begins ON public.code_period IS 'A period cannot end before it begins: check from_on and to_on.';

--
-- Name: code_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.code_version (
    code text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    from_on date,
    old_group text,
    old_subgroup text,
    severity_weight numeric,
    to_on date,
    CONSTRAINT code_ends_on_or_after_it_begins CHECK ((from_on <= to_on)),
    CONSTRAINT code_version_ends_after_it_begins CHECK ((until_change > since_change)),
    CONSTRAINT severity_weight_is_not_negative CHECK ((severity_weight >= (0)::numeric))
);

--
-- Name: COLUMN code_version.from_on; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.code_version.from_on IS 'First day on which a crime may be recorded under it; null where it is older than our sources.';

--
-- Name: COLUMN code_version.old_group; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.code_version.old_group IS 'Group in use before July 2013.';

--
-- Name: COLUMN code_version.severity_weight; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.code_version.severity_weight IS 'The last of its severity weights; null where none was published.';

--
-- Name: COLUMN code_version.to_on; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.code_version.to_on IS 'Last such day; null while it is open.';

--
-- Name: CONSTRAINT code_ends_on_or_after_it_begins ON code_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT code_ends_on_or_after_it_begins ON public.code_version IS 'A code cannot end before it begins: check from_on and to_on.';

--
-- Name: CONSTRAINT severity_weight_is_not_negative ON code_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT severity_weight_is_not_negative ON public.code_version IS 'A severity weight cannot be below nought.';

--
-- Name: coverage; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.coverage (
    force text NOT NULL,
    since_change bigint NOT NULL,
    category text NOT NULL,
    days daterange NOT NULL,
    definition integer NOT NULL,
    CONSTRAINT coverage_has_days CHECK ((NOT isempty(days)))
);

--
-- Name: coverage_now; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.coverage_now (
    force text NOT NULL,
    category text NOT NULL,
    definition integer NOT NULL,
    days datemultirange NOT NULL
);

--
-- Name: TABLE coverage_now; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.coverage_now IS 'Coverage summed up: the days of which each force has sent every record, as they are known now.';

--
-- Name: erasure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.erasure (
    force text NOT NULL,
    offence_id uuid NOT NULL,
    authority text NOT NULL,
    change bigint NOT NULL,
    ground text NOT NULL,
    versions integer NOT NULL,
    CONSTRAINT erasure_ground_is_known CHECK ((ground = ANY (ARRAY['retention'::text, 'data-subject-request'::text, 'court-order'::text, 'held-unlawfully'::text]))),
    CONSTRAINT erasure_names_its_authority CHECK ((authority <> ''::text))
);

--
-- Name: TABLE erasure; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.erasure IS 'What was erased, when, by whose authority and on what ground; never the content.';

--
-- Name: COLUMN erasure.versions; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.erasure.versions IS 'How many versions lost their personal and free-text fields.';

--
-- Name: CONSTRAINT erasure_ground_is_known ON erasure; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT erasure_ground_is_known ON public.erasure IS 'A record is erased for retention, a data-subject-request, a court-order, or because it was held-unlawfully.';

--
-- Name: given_answer; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.given_answer (
    caller text NOT NULL,
    idempotency_key text NOT NULL,
    at timestamp with time zone NOT NULL,
    body bytea NOT NULL,
    fingerprint text NOT NULL,
    headers jsonb NOT NULL,
    status integer NOT NULL
);

--
-- Name: household_count; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.household_count (
    area text NOT NULL,
    year integer NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    households integer NOT NULL,
    source text NOT NULL,
    CONSTRAINT household_count_ends_after_it_begins CHECK ((until_change > since_change)),
    CONSTRAINT household_count_is_not_negative CHECK ((households >= 0))
);

--
-- Name: TABLE household_count; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.household_count IS 'Households in the middle of a year.';

--
-- Name: known_area; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_area (
    area text NOT NULL,
    CONSTRAINT area_code_reads_well CHECK ((area ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,39}$'::text))
);

--
-- Name: TABLE known_area; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.known_area IS 'Every area code ever used here: what records and returns may point at.';

--
-- Name: CONSTRAINT area_code_reads_well ON known_area; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT area_code_reads_well ON public.known_area IS 'An area code is up to 40 letters, digits and hyphens, and begins with a letter or digit, like E07000154.';

--
-- Name: known_category; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_category (
    category text NOT NULL
);

--
-- Name: known_measure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_measure (
    measure text NOT NULL,
    CONSTRAINT measure_reads_well CHECK ((measure ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text))
);

--
-- Name: CONSTRAINT measure_reads_well ON known_measure; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT measure_reads_well ON public.known_measure IS 'A measure is lower-case words joined by single hyphens, like savings-gbp.';

--
-- Name: mapping_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mapping_version (
    force text NOT NULL,
    name text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    codes jsonb NOT NULL,
    columns jsonb NOT NULL,
    constants jsonb NOT NULL,
    dates jsonb NOT NULL,
    ignored text[] NOT NULL,
    CONSTRAINT mapping_name_reads_well CHECK (((name ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(name) <= 60))),
    CONSTRAINT mapping_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE mapping_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.mapping_version IS 'Which of our fields each heading of an extract is, how days are written there, and what its codes mean.';

--
-- Name: CONSTRAINT mapping_name_reads_well ON mapping_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT mapping_name_reads_well ON public.mapping_version IS 'The name of a mapping is up to 60 small letters, digits and hyphens between them, like niche-rms.';

--
-- Name: measure_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.measure_version (
    measure text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    adds_up text NOT NULL,
    better text NOT NULL,
    decimals integer NOT NULL,
    description text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    CONSTRAINT measure_adds_up_in_a_known_way CHECK ((adds_up = ANY (ARRAY['sum'::text, 'mean'::text, 'last'::text]))),
    CONSTRAINT measure_decimals_are_few CHECK (((decimals >= 0) AND (decimals <= 6))),
    CONSTRAINT measure_is_better_in_a_known_way CHECK ((better = ANY (ARRAY['higher'::text, 'lower'::text, 'neither'::text]))),
    CONSTRAINT measure_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE measure_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.measure_version IS 'Reported measures: what their values mean and how those of parts of a period make up the whole.';

--
-- Name: observation_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.observation_version (
    observation_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    area text NOT NULL,
    measure text NOT NULL,
    note text,
    period text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    value numeric NOT NULL,
    CONSTRAINT observation_period_has_days CHECK ((period_from <= period_to)),
    CONSTRAINT observation_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: offence_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.offence_version (
    force text NOT NULL,
    offence_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    area text NOT NULL,
    cancelled_reason text,
    code text NOT NULL,
    committed_from timestamp with time zone NOT NULL,
    committed_to timestamp with time zone,
    crime_ref text NOT NULL,
    location text,
    recorded_at timestamp with time zone,
    recorded_on date NOT NULL,
    reported_at timestamp with time zone,
    status text DEFAULT 'recorded'::text NOT NULL,
    victims integer DEFAULT 1 NOT NULL,
    decided_by text,
    duplicate_of uuid,
    erased_change bigint,
    outcome text DEFAULT '0'::text NOT NULL,
    outcome_on date,
    reason text,
    recorded_by text,
    reported_by text,
    transferred_from uuid,
    transferred_to text,
    victims_told_on date,
    hours_to_record numeric GENERATED ALWAYS AS (public.hours_to_record(reported_at, recorded_at)) STORED,
    recorded_in_time boolean GENERATED ALWAYS AS (public.recorded_in_time(reported_at, recorded_at, recorded_on)) STORED,
    CONSTRAINT offence_cancelled_for_a_known_reason CHECK ((cancelled_reason = ANY (ARRAY['transferred'::text, 'additional-information'::text, 'duplicate'::text, 'recorded-in-error'::text, 'self-defence'::text, 'not-in-resubmission'::text]))),
    CONSTRAINT offence_cancelled_for_a_reason CHECK (((status = 'cancelled'::text) = (cancelled_reason IS NOT NULL))),
    CONSTRAINT offence_duplicate_of_says_why_cancelled CHECK (((duplicate_of IS NULL) OR (cancelled_reason = 'duplicate'::text))),
    CONSTRAINT offence_ended_on_or_after_it_began CHECK ((committed_from <= committed_to)),
    CONSTRAINT offence_erased_holds_nothing_personal CHECK (((erased_change IS NULL) OR (num_nonnulls(decided_by, location, reason, recorded_by, reported_by) = 0))),
    CONSTRAINT offence_is_a_duplicate_of_another CHECK ((duplicate_of <> offence_id)),
    CONSTRAINT offence_is_transferred_to_another_force CHECK ((transferred_to <> force)),
    CONSTRAINT offence_outcome_has_a_day_when_assigned CHECK (((outcome <> '0'::text) OR (outcome_on IS NULL))),
    CONSTRAINT offence_recorded_at_falls_on_recorded_on CHECK ((public.civil_day(recorded_at) = recorded_on)),
    CONSTRAINT offence_recorded_on_or_after_it_happened CHECK ((recorded_on >= public.civil_day(COALESCE(committed_to, committed_from)))),
    CONSTRAINT offence_reported_before_it_was_recorded CHECK (((public.civil_day(reported_at) <= recorded_on) AND ((recorded_at IS NULL) OR (reported_at <= recorded_at)))),
    CONSTRAINT offence_status_is_known CHECK ((status = ANY (ARRAY['recorded'::text, 'cancelled'::text]))),
    CONSTRAINT offence_transferred_to_says_why_cancelled CHECK (((transferred_to IS NULL) OR (cancelled_reason = 'transferred'::text))),
    CONSTRAINT offence_version_ends_after_it_begins CHECK ((until_change > since_change)),
    CONSTRAINT offence_victims_can_be_counted CHECK (((victims >= 0) AND (victims <= 10000)))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.05', autovacuum_analyze_scale_factor='0.02');
ALTER TABLE ONLY public.offence_version ALTER COLUMN area SET STATISTICS 1000;
ALTER TABLE ONLY public.offence_version ALTER COLUMN code SET STATISTICS 1000;

--
-- Name: COLUMN offence_version.decided_by; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_version.decided_by IS 'Who decided what this version says anew: the class, the cancellation, the transfer.';

--
-- Name: COLUMN offence_version.duplicate_of; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_version.duplicate_of IS 'The record, of the same force, that a record cancelled as a duplicate repeats.';

--
-- Name: COLUMN offence_version.erased_change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_version.erased_change IS 'The change at which its personal and free-text fields were erased.';

--
-- Name: COLUMN offence_version.reason; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_version.reason IS 'Why this version was made, in the words of whoever made it: about a person, so it can be erased.';

--
-- Name: COLUMN offence_version.transferred_from; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_version.transferred_from IS 'The record of another force that was transferred to this one.';

--
-- Name: COLUMN offence_version.transferred_to; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_version.transferred_to IS 'The force that a cancelled record was transferred to.';

--
-- Name: CONSTRAINT offence_cancelled_for_a_known_reason ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_cancelled_for_a_known_reason ON public.offence_version IS 'A record is cancelled because it was transferred, additional-information showed no crime, it is a duplicate, was recorded-in-error, was self-defence, or was not-in-resubmission: not in the file that replaced its period.';

--
-- Name: CONSTRAINT offence_duplicate_of_says_why_cancelled ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_duplicate_of_says_why_cancelled ON public.offence_version IS 'duplicate_of goes with the reason duplicate.';

--
-- Name: CONSTRAINT offence_ended_on_or_after_it_began ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_ended_on_or_after_it_began ON public.offence_version IS 'committed_to cannot be earlier than committed_from.';

--
-- Name: CONSTRAINT offence_is_a_duplicate_of_another ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_is_a_duplicate_of_another ON public.offence_version IS 'A record is a duplicate of another, not of itself.';

--
-- Name: CONSTRAINT offence_is_transferred_to_another_force ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_is_transferred_to_another_force ON public.offence_version IS 'A crime is transferred to another force, not to its own.';

--
-- Name: CONSTRAINT offence_outcome_has_a_day_when_assigned ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_outcome_has_a_day_when_assigned ON public.offence_version IS 'Outcome 0 is not yet assigned, so it has no outcome_on.';

--
-- Name: CONSTRAINT offence_recorded_at_falls_on_recorded_on ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_recorded_at_falls_on_recorded_on ON public.offence_version IS 'recorded_at must fall on recorded_on, by the clock of Europe/London.';

--
-- Name: CONSTRAINT offence_recorded_on_or_after_it_happened ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_recorded_on_or_after_it_happened ON public.offence_version IS 'A crime is recorded on the day it happened or later: check recorded_on, committed_from and committed_to.';

--
-- Name: CONSTRAINT offence_reported_before_it_was_recorded ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_reported_before_it_was_recorded ON public.offence_version IS 'A crime is reported before it is recorded: check reported_at against recorded_on and recorded_at.';

--
-- Name: CONSTRAINT offence_transferred_to_says_why_cancelled ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_transferred_to_says_why_cancelled ON public.offence_version IS 'transferred_to goes with the reason transferred.';

--
-- Name: CONSTRAINT offence_victims_can_be_counted ON offence_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT offence_victims_can_be_counted ON public.offence_version IS 'victims is a number from 0 to 10,000.';

--
-- Name: offence; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.offence WITH (security_invoker='true') AS
 SELECT force,
    offence_id,
    since_change,
    until_change,
    area,
    cancelled_reason,
    code,
    committed_from,
    committed_to,
    crime_ref,
    location,
    recorded_at,
    recorded_on,
    reported_at,
    status,
    victims,
    decided_by,
    duplicate_of,
    erased_change,
    outcome,
    outcome_on,
    reason,
    recorded_by,
    reported_by,
    transferred_from,
    transferred_to,
    victims_told_on,
    hours_to_record,
    recorded_in_time
   FROM public.offence_version
  WHERE (until_change IS NULL);

--
-- Name: VIEW offence; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.offence IS 'The present: the version of each record that no change has ended.';

--
-- Name: offence_personal_digest; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.offence_personal_digest (
    force text NOT NULL,
    offence_id uuid NOT NULL,
    since_change bigint NOT NULL,
    digest bytea NOT NULL,
    salt bytea,
    CONSTRAINT offence_personal_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT offence_personal_salt_is_sha256 CHECK ((octet_length(salt) = 32))
);

--
-- Name: TABLE offence_personal_digest; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.offence_personal_digest IS 'SHA-256 over salt and personal fields of each sealed version that has any. Without the salt nobody can find out by trying what they said.';

--
-- Name: COLUMN offence_personal_digest.salt; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.offence_personal_digest.salt IS 'Null once the version was erased; the digest stays, and so does the proof.';

--
-- Name: operation_tag; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operation_tag (
    force text NOT NULL,
    operation_id uuid NOT NULL,
    offence_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    tagged boolean NOT NULL,
    CONSTRAINT operation_tag_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE operation_tag; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.operation_tag IS 'What was said by hand of single records: tagged, or not; it goes before the rule of the operation.';

--
-- Name: operation_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operation_version (
    operation_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    areas text[] NOT NULL,
    categories text[] NOT NULL,
    from_on date NOT NULL,
    name text NOT NULL,
    note text,
    tagging text NOT NULL,
    to_on date,
    CONSTRAINT operation_ends_on_or_after_it_begins CHECK ((from_on <= to_on)),
    CONSTRAINT operation_has_areas CHECK ((cardinality(areas) > 0)),
    CONSTRAINT operation_has_categories CHECK ((cardinality(categories) > 0)),
    CONSTRAINT operation_tagging_is_known CHECK ((tagging = ANY (ARRAY['rule'::text, 'hand'::text]))),
    CONSTRAINT operation_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: COLUMN operation_version.tagging; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.operation_version.tagging IS 'rule: what was recorded in its areas, categories and days belongs to it, but for what was taken out by hand. hand: only what was tagged.';

--
-- Name: CONSTRAINT operation_ends_on_or_after_it_begins ON operation_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT operation_ends_on_or_after_it_begins ON public.operation_version IS 'An operation cannot end before it begins: check from_on and to_on.';

--
-- Name: outcome_type; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outcome_type (
    outcome text NOT NULL,
    "position" integer NOT NULL,
    from_on date,
    name text NOT NULL,
    outcome_group text NOT NULL,
    part_of text
);

--
-- Name: TABLE outcome_type; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.outcome_type IS 'The outcomes framework of April 2013 with its later types. 0, not yet assigned, is no assigned outcome.';

--
-- Name: COLUMN outcome_type.from_on; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.outcome_type.from_on IS 'First day on which it could be assigned, where that is later than the framework.';

--
-- Name: peer_group_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.peer_group_version (
    force text NOT NULL,
    peer_group text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    from_on date,
    peers text[] NOT NULL,
    source text NOT NULL,
    to_on date,
    CONSTRAINT peer_group_ends_on_or_after_it_begins CHECK ((from_on <= to_on)),
    CONSTRAINT peer_group_has_others_only CHECK (((NOT (force = ANY (peers))) AND (cardinality(peers) > 0))),
    CONSTRAINT peer_group_name_reads_well CHECK (((peer_group ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(peer_group) <= 60))),
    CONSTRAINT peer_group_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE peer_group_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.peer_group_version IS 'The forces most like a force, from day to day, as a source has them.';

--
-- Name: COLUMN peer_group_version.from_on; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.peer_group_version.from_on IS 'First day on which the group was in use; null is open.';

--
-- Name: COLUMN peer_group_version.to_on; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.peer_group_version.to_on IS 'Last such day; null while it is in use.';

--
-- Name: CONSTRAINT peer_group_ends_on_or_after_it_begins ON peer_group_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT peer_group_ends_on_or_after_it_begins ON public.peer_group_version IS 'A peer group cannot end before it begins: check from_on and to_on.';

--
-- Name: CONSTRAINT peer_group_has_others_only ON peer_group_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT peer_group_has_others_only ON public.peer_group_version IS 'peers are the other forces: the average takes in the force itself in any case.';

--
-- Name: CONSTRAINT peer_group_name_reads_well ON peer_group_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT peer_group_name_reads_well ON public.peer_group_version IS 'The name of a peer group is up to 60 small letters, digits and hyphens between them, like most-similar-2013.';

--
-- Name: population; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.population (
    area text NOT NULL,
    year integer NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    residents integer NOT NULL,
    source text NOT NULL,
    CONSTRAINT population_ends_after_it_begins CHECK ((until_change > since_change)),
    CONSTRAINT population_is_not_negative CHECK ((residents >= 0))
);

--
-- Name: TABLE population; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.population IS 'Usual residents in the middle of a year.';

--
-- Name: CONSTRAINT population_is_not_negative ON population; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT population_is_not_negative ON public.population IS 'A population cannot be below nought.';

--
-- Name: positive_outcome; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.positive_outcome (
    outcome text NOT NULL,
    source text NOT NULL
);

--
-- Name: TABLE positive_outcome; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.positive_outcome IS 'The outcomes in which something was done with an offender: charged or summonsed, out of court, taken into consideration, diverted. Each from the day on which it could be assigned.';

--
-- Name: rate_withheld; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rate_withheld (
    area text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL
);

--
-- Name: TABLE rate_withheld; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.rate_withheld IS 'Areas whose rates, and those of areas within them, official statistics do not show.';

--
-- Name: release; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.release (
    release_id uuid NOT NULL,
    since_change bigint NOT NULL,
    areas text[] NOT NULL,
    base_from date,
    base_period text,
    base_to date,
    categories text[] NOT NULL,
    change bigint NOT NULL,
    embargo_until timestamp with time zone,
    from_on date NOT NULL,
    measure text NOT NULL,
    period text NOT NULL,
    source text NOT NULL,
    title text NOT NULL,
    to_on date NOT NULL,
    percent_rule text,
    CONSTRAINT release_base_has_days CHECK ((base_from <= base_to)),
    CONSTRAINT release_base_is_given_whole CHECK ((num_nonnulls(base_from, base_period, base_to) = ANY (ARRAY[0, 3]))),
    CONSTRAINT release_has_areas_and_categories CHECK (((cardinality(areas) > 0) AND (cardinality(categories) > 0))),
    CONSTRAINT release_measure_is_known CHECK ((measure = ANY (ARRAY['offences'::text, 'victims'::text]))),
    CONSTRAINT release_percent_rule_is_known CHECK ((percent_rule = ANY (ARRAY['either-under-50'::text, 'current-under-50'::text, 'none'::text]))),
    CONSTRAINT release_period_has_days CHECK ((from_on <= to_on)),
    CONSTRAINT release_was_known_before_it_was_made CHECK ((change < since_change))
);

--
-- Name: TABLE release; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.release IS 'What was asked and published. Nothing of it is ever changed: what has moved since is told by its revisions.';

--
-- Name: COLUMN release.since_change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.release.since_change IS 'The change that made it.';

--
-- Name: COLUMN release.change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.release.change IS 'The change at which its figures were known.';

--
-- Name: COLUMN release.embargo_until; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.release.embargo_until IS 'Until this instant only callers with scope publish see it.';

--
-- Name: release_definition; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.release_definition (
    release_id uuid NOT NULL,
    category text NOT NULL,
    codes jsonb NOT NULL,
    definition integer NOT NULL,
    every_code boolean NOT NULL,
    name text NOT NULL
);

--
-- Name: COLUMN release_definition.codes; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.release_definition.codes IS 'The codes it counted by, each with the days between which it belongs.';

--
-- Name: release_figure; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.release_figure (
    release_id uuid NOT NULL,
    "position" integer NOT NULL,
    area text NOT NULL,
    base_edition text,
    base_value bigint,
    category text NOT NULL,
    edition text,
    figure text NOT NULL,
    value bigint,
    CONSTRAINT release_figures_begin_at_one CHECK (("position" >= 1))
);

--
-- Name: COLUMN release_figure.figure; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.release_figure.figure IS 'The whole figure as JSON, byte for byte as it was answered.';

--
-- Name: return; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.return (
    return_id uuid NOT NULL,
    source text NOT NULL,
    edition text NOT NULL,
    cells integer NOT NULL,
    change bigint NOT NULL,
    digest text NOT NULL,
    first_day date,
    last_day date,
    layout text NOT NULL,
    refused integer DEFAULT 0 NOT NULL,
    title text NOT NULL,
    total bigint NOT NULL,
    CONSTRAINT return_edition_sorts CHECK ((edition ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'::text)),
    CONSTRAINT return_source_reads_well CHECK (((source ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (source <> 'records'::text)))
);

--
-- Name: COLUMN return.edition; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return.edition IS 'When it was published: year, month or day. A later edition supersedes; the earlier stays readable.';

--
-- Name: COLUMN return.refused; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return.refused IS 'Lines that could not be understood; GET /v1/returns/{return_id}/faults lists them.';

--
-- Name: CONSTRAINT return_edition_sorts ON return; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT return_edition_sorts ON public.return IS 'An edition is the day, month or year of publication: 2026-04-23, 2026-04 or 2026.';

--
-- Name: CONSTRAINT return_source_reads_well ON return; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT return_source_reads_well ON public.return IS 'A source is lower-case words joined by single hyphens, like home-office-pfa, and not records.';

--
-- Name: return_cell; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.return_cell (
    return_id uuid NOT NULL,
    area text NOT NULL,
    category text,
    code text,
    count integer,
    from_on date NOT NULL,
    line integer NOT NULL,
    to_on date NOT NULL,
    cell integer NOT NULL,
    sheet text,
    unassigned text,
    withheld text,
    CONSTRAINT return_cell_counts_a_code_or_a_category CHECK ((num_nonnulls(code, category) = 1)),
    CONSTRAINT return_cell_counts_or_says_why_not CHECK ((num_nonnulls(count, withheld) = 1)),
    CONSTRAINT return_cell_ends_on_or_after_it_begins CHECK ((from_on <= to_on))
);

--
-- Name: COLUMN return_cell.cell; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return_cell.cell IS 'Its number among the cells of the return, in the order of the file: a line of a wide table holds many.';

--
-- Name: COLUMN return_cell.sheet; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return_cell.sheet IS 'The sheet of a workbook on which the line stands.';

--
-- Name: COLUMN return_cell.unassigned; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return_cell.unassigned IS 'What the table calls a part of the force that no partnership has, like Unassigned or an airport; null where the cell is of the whole area.';

--
-- Name: return_fault; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.return_fault (
    return_id uuid NOT NULL,
    line integer NOT NULL,
    detail text NOT NULL,
    field text NOT NULL,
    value text,
    cell integer NOT NULL,
    sheet text
);

--
-- Name: return_outcome_cell; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.return_outcome_cell (
    return_id uuid NOT NULL,
    cell integer NOT NULL,
    area text NOT NULL,
    basis text NOT NULL,
    category text,
    code text,
    count integer,
    from_on date NOT NULL,
    line integer NOT NULL,
    outcome text NOT NULL,
    sheet text,
    to_on date NOT NULL,
    withheld text,
    CONSTRAINT return_outcome_cell_basis_is_known CHECK ((basis = ANY (ARRAY['assigned'::text, 'recorded'::text]))),
    CONSTRAINT return_outcome_cell_counts_a_code_or_a_category CHECK ((num_nonnulls(code, category) = 1)),
    CONSTRAINT return_outcome_cell_counts_or_says_why_not CHECK ((num_nonnulls(count, withheld) = 1)),
    CONSTRAINT return_outcome_cell_ends_after_it_begins CHECK ((from_on <= to_on))
);

--
-- Name: COLUMN return_outcome_cell.basis; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return_outcome_cell.basis IS 'assigned: outcomes given in the period, whenever the crime was recorded; recorded: outcomes, so far, of the crimes recorded in the period.';

--
-- Name: return_wording; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.return_wording (
    return_id uuid NOT NULL,
    wording integer NOT NULL,
    code text NOT NULL,
    description text NOT NULL,
    force_name text NOT NULL,
    lines integer[] NOT NULL,
    offence_group text NOT NULL,
    offence_subgroup text NOT NULL
);

--
-- Name: COLUMN return_wording.lines; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.return_wording.lines IS 'The lines of the file that say this.';

--
-- Name: schema_checksum; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_checksum (
    version text NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT schema_checksum_is_sha256 CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

--
-- Name: TABLE schema_checksum; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.schema_checksum IS 'The SHA-256 of each file of service/store/schema that is applied here, by the number it begins with.';

--
-- Name: seal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.seal (
    tree_size bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    change bigint NOT NULL,
    public_key bytea NOT NULL,
    root bytea NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT seal_covers_something CHECK ((tree_size >= 1)),
    CONSTRAINT seal_public_key_is_ed25519 CHECK ((octet_length(public_key) = 32)),
    CONSTRAINT seal_root_is_sha256 CHECK ((octet_length(root) = 32)),
    CONSTRAINT seal_signature_is_ed25519 CHECK ((octet_length(signature) = 64))
);

--
-- Name: TABLE seal; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.seal IS 'The signed heads: the root over everything up to a change. The signing key is never in the database.';

--
-- Name: street_record_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.street_record_version (
    force text NOT NULL,
    street_record_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    area text,
    content uuid NOT NULL,
    context text,
    crime_id text,
    crime_type text,
    easting integer,
    falls_within text,
    kind text NOT NULL,
    last_outcome text,
    latitude numeric,
    location text,
    longitude numeric,
    lsoa text,
    lsoa_name text,
    month date NOT NULL,
    northing integer,
    outcome_type text,
    reported_by text NOT NULL,
    CONSTRAINT street_record_is_a_crime_or_an_outcome CHECK ((((kind = 'street'::text) = (crime_type IS NOT NULL)) AND ((kind = 'outcomes'::text) = (outcome_type IS NOT NULL)))),
    CONSTRAINT street_record_kind_is_known CHECK ((kind = ANY (ARRAY['street'::text, 'outcomes'::text]))),
    CONSTRAINT street_record_month_is_its_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT street_record_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE street_record_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.street_record_version IS 'Rows of data.police.uk as published, none merged. kind is that of the file: street (crimes) or outcomes.';

--
-- Name: COLUMN street_record_version.area; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.street_record_version.area IS 'The district that the name of the LSOA begins with; null where there is none or no district is called so.';

--
-- Name: COLUMN street_record_version.content; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.street_record_version.content IS 'A digest of all that the row said, by which a file that comes again is compared.';

--
-- Name: target_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.target_version (
    target_id uuid NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    area text NOT NULL,
    base_from date,
    base_period text,
    base_to date,
    category text,
    kind text NOT NULL,
    measure text DEFAULT 'offences'::text NOT NULL,
    name text NOT NULL,
    owner text NOT NULL,
    percent numeric,
    period text NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    set_on date,
    amount numeric,
    base_release uuid,
    ceiling numeric,
    floor numeric,
    milestones jsonb,
    rank integer,
    source text,
    CONSTRAINT target_base_comes_before_its_period CHECK ((base_to < period_from)),
    CONSTRAINT target_base_is_given_whole CHECK ((num_nonnulls(base_from, base_period, base_to) = ANY (ARRAY[0, 3]))),
    CONSTRAINT target_base_release_has_a_base_period CHECK (((base_release IS NULL) OR (base_period IS NOT NULL))),
    CONSTRAINT target_bounds_are_nought_or_more CHECK ((((floor IS NULL) OR (floor >= (0)::numeric)) AND ((ceiling IS NULL) OR (ceiling < '1000000000000000'::numeric)))),
    CONSTRAINT target_by_percent_has_percent_and_base CHECK (((kind <> ALL (ARRAY['reduce-by-percent'::text, 'raise-by-percent'::text])) OR ((num_nonnulls(percent, base_period) = 2) AND (num_nonnulls(amount, ceiling, floor, rank) = 0)))),
    CONSTRAINT target_floor_is_not_above_its_ceiling CHECK ((floor <= ceiling)),
    CONSTRAINT target_kind_is_known CHECK ((kind = ANY (ARRAY['reduce-by-percent'::text, 'reduce-to'::text, 'raise-by-percent'::text, 'raise-to'::text, 'reduce'::text, 'raise'::text, 'eliminate'::text, 'rank'::text, 'save'::text, 'keep-within'::text]))),
    CONSTRAINT target_measure_reads_well CHECK ((measure ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT target_milestones_lie_within CHECK (public.milestones_lie_within(milestones, period_from, period_to)),
    CONSTRAINT target_numbers_are_nought_or_more CHECK ((((amount >= (0)::numeric) AND (amount < '1000000000000000'::numeric)) OR (amount IS NULL))),
    CONSTRAINT target_of_direction_has_base CHECK (((kind <> ALL (ARRAY['reduce'::text, 'raise'::text])) OR ((base_period IS NOT NULL) AND (num_nonnulls(amount, ceiling, floor, percent, rank) = 0)))),
    CONSTRAINT target_of_police_counts_has_a_category CHECK (((measure = ANY (ARRAY['offences'::text, 'victims'::text, 'rate'::text, 'household-rate'::text, 'severity'::text, 'outcomes'::text, 'positive-outcome-rate'::text])) = (category IS NOT NULL))),
    CONSTRAINT target_of_rank_has_rank CHECK (((kind <> 'rank'::text) OR ((rank IS NOT NULL) AND (num_nonnulls(amount, base_period, ceiling, floor, milestones, percent) = 0)))),
    CONSTRAINT target_percent_is_a_reduction CHECK (((percent > (0)::numeric) AND (percent <= (
CASE kind
    WHEN 'raise-by-percent'::text THEN 1000
    ELSE 100
END)::numeric))),
    CONSTRAINT target_periods_have_days CHECK (((base_from <= base_to) AND (period_from <= period_to))),
    CONSTRAINT target_rank_begins_at_one CHECK ((rank >= 1)),
    CONSTRAINT target_source_is_of_counts CHECK (((source IS NULL) OR ((source <> 'records'::text) AND (category IS NOT NULL) AND (measure <> 'victims'::text)))),
    CONSTRAINT target_to_a_number_has_amount CHECK (((kind <> ALL (ARRAY['reduce-to'::text, 'raise-to'::text])) OR ((amount IS NOT NULL) AND (num_nonnulls(ceiling, floor, percent, rank) = 0)))),
    CONSTRAINT target_to_eliminate_has_no_number CHECK (((kind <> 'eliminate'::text) OR (num_nonnulls(amount, ceiling, floor, percent, rank) = 0))),
    CONSTRAINT target_to_keep_within_has_floor_and_ceiling CHECK (((kind <> 'keep-within'::text) OR ((num_nonnulls(ceiling, floor) = 2) AND (num_nonnulls(amount, base_period, milestones, percent, rank) = 0)))),
    CONSTRAINT target_to_save_has_amount_and_own_measure CHECK (((kind <> 'save'::text) OR ((amount IS NOT NULL) AND (category IS NULL) AND (num_nonnulls(base_period, ceiling, floor, percent, rank) = 0)))),
    CONSTRAINT target_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: COLUMN target_version.amount; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.target_version.amount IS 'The number to reduce or raise to, or the sum to save.';

--
-- Name: COLUMN target_version.base_release; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.target_version.base_release IS 'The release whose figure is the base for ever; null where the base is what the book counts.';

--
-- Name: COLUMN target_version.source; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.target_version.source IS 'The source of the return that is counted; null for records.';

--
-- Name: CONSTRAINT target_base_comes_before_its_period ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_base_comes_before_its_period ON public.target_version IS 'The base period must end before the target''s period begins.';

--
-- Name: CONSTRAINT target_base_is_given_whole ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_base_is_given_whole ON public.target_version IS 'A base has a period with a first and a last day.';

--
-- Name: CONSTRAINT target_base_release_has_a_base_period ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_base_release_has_a_base_period ON public.target_version IS 'base_release says where the base was published, so it needs the base_period that was.';

--
-- Name: CONSTRAINT target_bounds_are_nought_or_more ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_bounds_are_nought_or_more ON public.target_version IS 'floor and ceiling are nought or more, and under a thousand million million.';

--
-- Name: CONSTRAINT target_by_percent_has_percent_and_base ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_by_percent_has_percent_and_base ON public.target_version IS 'A target by per cent needs percent and base_period, and takes no amount, ceiling, floor or rank.';

--
-- Name: CONSTRAINT target_floor_is_not_above_its_ceiling ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_floor_is_not_above_its_ceiling ON public.target_version IS 'floor is above ceiling: nothing can lie within.';

--
-- Name: CONSTRAINT target_measure_reads_well ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_measure_reads_well ON public.target_version IS 'A measure is offences, victims, rate, severity or a reported one in lower-case words joined by single hyphens, like savings-gbp.';

--
-- Name: CONSTRAINT target_milestones_lie_within ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_milestones_lie_within ON public.target_version IS 'Each milestone is an amount of nought or more by a day of the period, and no day is named twice.';

--
-- Name: CONSTRAINT target_numbers_are_nought_or_more ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_numbers_are_nought_or_more ON public.target_version IS 'amount is nought or more, and under a thousand million million.';

--
-- Name: CONSTRAINT target_of_direction_has_base ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_of_direction_has_base ON public.target_version IS 'A target of direction only needs base_period, and takes no amount, ceiling, floor, percent or rank.';

--
-- Name: CONSTRAINT target_of_police_counts_has_a_category ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_of_police_counts_has_a_category ON public.target_version IS 'offences, victims, rate, household-rate, severity, outcomes and positive-outcome-rate need a category; a reported measure takes none.';

--
-- Name: CONSTRAINT target_of_rank_has_rank ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_of_rank_has_rank ON public.target_version IS 'A target of rank needs rank, and takes no amount, base_period, ceiling, floor, milestones or percent.';

--
-- Name: CONSTRAINT target_percent_is_a_reduction ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_percent_is_a_reduction ON public.target_version IS 'percent is the change aimed at: above 0, and at most 100 for a reduction or 1,000 for a rise.';

--
-- Name: CONSTRAINT target_rank_begins_at_one ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_rank_begins_at_one ON public.target_version IS 'rank is 1 for the best, or more.';

--
-- Name: CONSTRAINT target_source_is_of_counts ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_source_is_of_counts ON public.target_version IS 'A return counts no victims and holds nothing that is reported: give source with another measure.';

--
-- Name: CONSTRAINT target_to_a_number_has_amount ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_to_a_number_has_amount ON public.target_version IS 'A target to a number needs amount, and takes no ceiling, floor, percent or rank.';

--
-- Name: CONSTRAINT target_to_eliminate_has_no_number ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_to_eliminate_has_no_number ON public.target_version IS 'A target to eliminate aims at nought, and takes no amount, ceiling, floor, percent or rank.';

--
-- Name: CONSTRAINT target_to_keep_within_has_floor_and_ceiling ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_to_keep_within_has_floor_and_ceiling ON public.target_version IS 'A target to keep within needs floor and ceiling, and takes no amount, base_period, milestones, percent or rank.';

--
-- Name: CONSTRAINT target_to_save_has_amount_and_own_measure ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_to_save_has_amount_and_own_measure ON public.target_version IS 'A target to save needs amount and a reported measure like savings-gbp, and takes no category, base_period, ceiling, floor, percent or rank.';

--
-- Name: seal_closing_of_first_nouns; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.seal_closing_of_first_nouns WITH (security_invoker='true') AS
 SELECT offence_version.until_change AS change,
    'offence'::text AS noun,
    ((offence_version.force || '/'::text) || offence_version.offence_id) AS key,
    offence_version.since_change
   FROM public.offence_version
  WHERE (offence_version.until_change IS NOT NULL)
UNION ALL
 SELECT area_version.until_change AS change,
    'area'::text AS noun,
    area_version.area AS key,
    area_version.since_change
   FROM public.area_version
  WHERE (area_version.until_change IS NOT NULL)
UNION ALL
 SELECT area_ancestor.until_change AS change,
    'area_ancestor'::text AS noun,
    ((area_ancestor.area || '/'::text) || area_ancestor.ancestor) AS key,
    area_ancestor.since_change
   FROM public.area_ancestor
  WHERE (area_ancestor.until_change IS NOT NULL)
UNION ALL
 SELECT population.until_change AS change,
    'population'::text AS noun,
    ((population.area || '/'::text) || population.year) AS key,
    population.since_change
   FROM public.population
  WHERE (population.until_change IS NOT NULL)
UNION ALL
 SELECT code_version.until_change AS change,
    'code'::text AS noun,
    code_version.code AS key,
    code_version.since_change
   FROM public.code_version
  WHERE (code_version.until_change IS NOT NULL)
UNION ALL
 SELECT category_version.until_change AS change,
    'category'::text AS noun,
    category_version.category AS key,
    category_version.since_change
   FROM public.category_version
  WHERE (category_version.until_change IS NOT NULL)
UNION ALL
 SELECT street_record_version.until_change AS change,
    'street_record'::text AS noun,
    ((street_record_version.force || '/'::text) || street_record_version.street_record_id) AS key,
    street_record_version.since_change
   FROM public.street_record_version
  WHERE (street_record_version.until_change IS NOT NULL)
UNION ALL
 SELECT target_version.until_change AS change,
    'target'::text AS noun,
    (target_version.target_id)::text AS key,
    target_version.since_change
   FROM public.target_version
  WHERE (target_version.until_change IS NOT NULL)
UNION ALL
 SELECT mapping_version.until_change AS change,
    'mapping'::text AS noun,
    ((mapping_version.force || '/'::text) || mapping_version.name) AS key,
    mapping_version.since_change
   FROM public.mapping_version
  WHERE (mapping_version.until_change IS NOT NULL)
UNION ALL
 SELECT caller.revoked_change AS change,
    'caller'::text AS noun,
    (caller.caller_id)::text AS key,
    caller.created_change AS since_change
   FROM public.caller
  WHERE (caller.revoked_change IS NOT NULL);

--
-- Name: VIEW seal_closing_of_first_nouns; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.seal_closing_of_first_nouns IS 'What each change ended.';

--
-- Name: series_break_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.series_break_version (
    series_break text NOT NULL,
    since_change bigint NOT NULL,
    until_change bigint,
    categories text[] DEFAULT '{}'::text[] NOT NULL,
    codes text[] DEFAULT '{}'::text[] NOT NULL,
    from_on date NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    note text NOT NULL,
    source text NOT NULL,
    CONSTRAINT series_break_kind_is_known CHECK ((kind = ANY (ARRAY['counted'::text, 'moved'::text]))),
    CONSTRAINT series_break_reads_well CHECK ((series_break ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT series_break_that_moved_names_what CHECK (((kind = 'counted'::text) OR ((cardinality(categories) + cardinality(codes)) > 0))),
    CONSTRAINT series_break_version_ends_after_it_begins CHECK ((until_change > since_change))
);

--
-- Name: TABLE series_break_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.series_break_version IS 'Days from which crime is counted otherwise, so that figures before and after do not compare as they stand.';

--
-- Name: COLUMN series_break_version.codes; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.series_break_version.codes IS 'The codes concerned, with all those of the categories; every code where neither is named.';

--
-- Name: COLUMN series_break_version.from_on; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.series_break_version.from_on IS 'The first day on which it is counted the new way.';

--
-- Name: COLUMN series_break_version.kind; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.series_break_version.kind IS 'counted: whatever holds one of these codes is counted otherwise; moved: offences moved between these codes, so what holds all of them does not break.';

--
-- Name: CONSTRAINT series_break_reads_well ON series_break_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT series_break_reads_well ON public.series_break_version IS 'A break is lower-case words joined by single hyphens, like burglary-2017.';

--
-- Name: CONSTRAINT series_break_that_moved_names_what ON series_break_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT series_break_that_moved_names_what ON public.series_break_version IS 'A break by which offences moved names the codes or categories between which they did.';

--
-- Name: seal_closing; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.seal_closing WITH (security_invoker='true') AS
 SELECT seal_closing_of_first_nouns.change,
    seal_closing_of_first_nouns.noun,
    seal_closing_of_first_nouns.key,
    seal_closing_of_first_nouns.since_change
   FROM public.seal_closing_of_first_nouns
UNION ALL
 SELECT operation_version.until_change AS change,
    'operation'::text AS noun,
    (operation_version.operation_id)::text AS key,
    operation_version.since_change
   FROM public.operation_version
  WHERE (operation_version.until_change IS NOT NULL)
UNION ALL
 SELECT operation_tag.until_change AS change,
    'operation_tag'::text AS noun,
    ((((operation_tag.force || '/'::text) || operation_tag.operation_id) || '/'::text) || operation_tag.offence_id) AS key,
    operation_tag.since_change
   FROM public.operation_tag
  WHERE (operation_tag.until_change IS NOT NULL)
UNION ALL
 SELECT peer_group_version.until_change AS change,
    'peer_group'::text AS noun,
    ((peer_group_version.force || '/'::text) || peer_group_version.peer_group) AS key,
    peer_group_version.since_change
   FROM public.peer_group_version
  WHERE (peer_group_version.until_change IS NOT NULL)
UNION ALL
 SELECT series_break_version.until_change AS change,
    'series_break'::text AS noun,
    series_break_version.series_break AS key,
    series_break_version.since_change
   FROM public.series_break_version
  WHERE (series_break_version.until_change IS NOT NULL)
UNION ALL
 SELECT measure_version.until_change AS change,
    'measure'::text AS noun,
    measure_version.measure AS key,
    measure_version.since_change
   FROM public.measure_version
  WHERE (measure_version.until_change IS NOT NULL)
UNION ALL
 SELECT observation_version.until_change AS change,
    'observation'::text AS noun,
    (observation_version.observation_id)::text AS key,
    observation_version.since_change
   FROM public.observation_version
  WHERE (observation_version.until_change IS NOT NULL)
UNION ALL
 SELECT household_count.until_change AS change,
    'household_count'::text AS noun,
    ((household_count.area || '/'::text) || household_count.year) AS key,
    household_count.since_change
   FROM public.household_count
  WHERE (household_count.until_change IS NOT NULL)
UNION ALL
 SELECT caller_key_version.until_change AS change,
    'caller_key'::text AS noun,
    (caller_key_version.key_id)::text AS key,
    caller_key_version.since_change
   FROM public.caller_key_version
  WHERE (caller_key_version.until_change IS NOT NULL);

--
-- Name: VIEW seal_closing; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.seal_closing IS 'What each change ended.';

--
-- Name: street_submission; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.street_submission (
    street_submission_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    caller text NOT NULL,
    change bigint,
    digest text NOT NULL,
    faults integer DEFAULT 0 NOT NULL,
    passed_over jsonb DEFAULT '[]'::jsonb NOT NULL,
    passed_over_count integer DEFAULT 0 NOT NULL,
    reason text NOT NULL,
    rows integer NOT NULL,
    status text NOT NULL,
    forces text[],
    CONSTRAINT street_submission_changes_when_accepted CHECK (((change IS NULL) OR (status = 'accepted'::text))),
    CONSTRAINT street_submission_refused_for_its_faults CHECK (((status = 'refused'::text) = (faults > 0))),
    CONSTRAINT street_submission_status_is_known CHECK ((status = ANY (ARRAY['accepted'::text, 'refused'::text])))
);

--
-- Name: TABLE street_submission; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.street_submission IS 'The receipt of a file, folder or archive of data.police.uk.';

--
-- Name: COLUMN street_submission.forces; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.street_submission.forces IS 'The forces of its files, in the order of their codes; null where none was taken.';

--
-- Name: street_submission_file; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.street_submission_file (
    force text NOT NULL,
    street_submission_id uuid NOT NULL,
    month date NOT NULL,
    kind text NOT NULL,
    corrected integer NOT NULL,
    ended integer NOT NULL,
    name text,
    recorded integer NOT NULL,
    rows integer NOT NULL,
    unchanged integer NOT NULL,
    CONSTRAINT street_submission_file_kind_is_known CHECK ((kind = ANY (ARRAY['street'::text, 'outcomes'::text])))
);

--
-- Name: submission; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.submission (
    submission_id uuid NOT NULL,
    force text NOT NULL,
    at timestamp with time zone NOT NULL,
    caller text NOT NULL,
    cancelled integer DEFAULT 0 NOT NULL,
    change bigint,
    corrected integer DEFAULT 0 NOT NULL,
    covers text NOT NULL,
    days daterange,
    digest text NOT NULL,
    faults integer DEFAULT 0 NOT NULL,
    lines integer NOT NULL,
    reason text NOT NULL,
    recorded integer DEFAULT 0 NOT NULL,
    status text NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    erased integer DEFAULT 0 NOT NULL,
    cancelled_by_replacement integer,
    replaces text,
    mapping text,
    mapping_change bigint,
    CONSTRAINT submission_changes_only_when_accepted CHECK (((change IS NULL) OR (status = 'accepted'::text))),
    CONSTRAINT submission_refused_for_its_faults CHECK ((((status = 'refused'::text) = (faults > 0)) OR (status = 'rehearsed'::text))),
    CONSTRAINT submission_status_is_known CHECK ((status = ANY (ARRAY['accepted'::text, 'refused'::text, 'rehearsed'::text])))
);

--
-- Name: COLUMN submission.change; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.submission.change IS 'The change that applied it; null where every line was already known, or none was applied.';

--
-- Name: COLUMN submission.digest; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.submission.digest IS 'SHA-256 of the bytes received, in hexadecimal.';

--
-- Name: COLUMN submission.erased; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.submission.erased IS 'Lines whose record was erased here; it is left as it is.';

--
-- Name: COLUMN submission.cancelled_by_replacement; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.submission.cancelled_by_replacement IS 'Records of that period that it lacks: cancelled, or to be cancelled where it was only rehearsed. Null where it replaces nothing.';

--
-- Name: COLUMN submission.replaces; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.submission.replaces IS 'The period for which the file is all there is, as it was named.';

--
-- Name: COLUMN submission.mapping; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.submission.mapping IS 'The mapping by which it was read; mapping_change is the change at which that version of it began.';

--
-- Name: seal_opening_of_first_nouns; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.seal_opening_of_first_nouns WITH (security_invoker='true') AS
 SELECT made.id AS change,
    'change'::text AS noun,
    (made.id)::text AS key,
    made.id AS since_change,
    (to_jsonb(made.*) || jsonb_build_object('at', (made.at AT TIME ZONE 'UTC'::text))) AS fields
   FROM public.change made
UNION ALL
 SELECT version.since_change AS change,
    'offence'::text AS noun,
    ((version.force || '/'::text) || version.offence_id) AS key,
    version.since_change,
    ((to_jsonb(version.*) - ARRAY['decided_by'::text, 'erased_change'::text, 'location'::text, 'reason'::text, 'recorded_by'::text, 'reported_by'::text, 'until_change'::text]) || jsonb_build_object('committed_from', (version.committed_from AT TIME ZONE 'UTC'::text), 'committed_to', (version.committed_to AT TIME ZONE 'UTC'::text), 'personal_digest', ( SELECT encode(personal.digest, 'hex'::text) AS encode
           FROM public.offence_personal_digest personal
          WHERE ((personal.force = version.force) AND (personal.offence_id = version.offence_id) AND (personal.since_change = version.since_change))), 'recorded_at', (version.recorded_at AT TIME ZONE 'UTC'::text), 'reported_at', (version.reported_at AT TIME ZONE 'UTC'::text))) AS fields
   FROM public.offence_version version
UNION ALL
 SELECT version.since_change AS change,
    'area'::text AS noun,
    version.area AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.area_version version
UNION ALL
 SELECT version.since_change AS change,
    'area_ancestor'::text AS noun,
    ((version.area || '/'::text) || version.ancestor) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.area_ancestor version
UNION ALL
 SELECT version.since_change AS change,
    'population'::text AS noun,
    ((version.area || '/'::text) || version.year) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.population version
UNION ALL
 SELECT known.since_change AS change,
    'known_code'::text AS noun,
    known.code AS key,
    known.since_change,
    to_jsonb(known.*) AS fields
   FROM public.known_code known
UNION ALL
 SELECT version.since_change AS change,
    'code'::text AS noun,
    version.code AS key,
    version.since_change,
    ((to_jsonb(version.*) - 'until_change'::text) || jsonb_build_object('periods', ( SELECT jsonb_agg((to_jsonb(period.*) - ARRAY['code'::text, 'since_change'::text]) ORDER BY period."position") AS jsonb_agg
           FROM public.code_period period
          WHERE ((period.code = version.code) AND (period.since_change = version.since_change))))) AS fields
   FROM public.code_version version
UNION ALL
 SELECT version.since_change AS change,
    'category'::text AS noun,
    version.category AS key,
    version.since_change,
    ((to_jsonb(version.*) - 'until_change'::text) || jsonb_build_object('codes', ( SELECT jsonb_agg((to_jsonb(member.*) - ARRAY['category'::text, 'definition'::text]) ORDER BY (member.code COLLATE "C"), member."position") AS jsonb_agg
           FROM public.category_code member
          WHERE ((member.category = version.category) AND (member.definition = version.definition))))) AS fields
   FROM public.category_version version
UNION ALL
 SELECT version.since_change AS change,
    'target'::text AS noun,
    (version.target_id)::text AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.target_version version
UNION ALL
 SELECT version.since_change AS change,
    'mapping'::text AS noun,
    ((version.force || '/'::text) || version.name) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.mapping_version version
UNION ALL
 SELECT covered.since_change AS change,
    'coverage'::text AS noun,
    ((((((covered.force || '/'::text) || covered.category) || '/'::text) || COALESCE(to_char((lower(covered.days))::timestamp with time zone, 'YYYY-MM-DD'::text), ''::text)) || '/'::text) || COALESCE(to_char((upper(covered.days))::timestamp with time zone, 'YYYY-MM-DD'::text), ''::text)) AS key,
    covered.since_change,
    (to_jsonb(covered.*) || jsonb_build_object('days', jsonb_build_array(lower(covered.days), upper(covered.days)))) AS fields
   FROM public.coverage covered
UNION ALL
 SELECT received.change,
    'submission'::text AS noun,
    ((received.force || '/'::text) || received.submission_id) AS key,
    received.change AS since_change,
    (to_jsonb(received.*) || jsonb_build_object('at', (received.at AT TIME ZONE 'UTC'::text), 'days', jsonb_build_array(lower(received.days), upper(received.days)))) AS fields
   FROM public.submission received
  WHERE (received.change IS NOT NULL)
UNION ALL
 SELECT version.since_change AS change,
    'street_record'::text AS noun,
    ((version.force || '/'::text) || version.street_record_id) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.street_record_version version
UNION ALL
 SELECT received.change,
    'street_submission'::text AS noun,
    (received.street_submission_id)::text AS key,
    received.change AS since_change,
    (to_jsonb(received.*) || jsonb_build_object('at', (received.at AT TIME ZONE 'UTC'::text), 'files_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(file.*)), '\x'::bytea ORDER BY (file.force COLLATE "C"), file.month, (file.kind COLLATE "C"))), 'hex'::text) AS encode
           FROM public.street_submission_file file
          WHERE (file.street_submission_id = received.street_submission_id)))) AS fields
   FROM public.street_submission received
  WHERE (received.change IS NOT NULL)
UNION ALL
 SELECT received.change,
    'return'::text AS noun,
    (received.return_id)::text AS key,
    received.change AS since_change,
    (to_jsonb(received.*) || jsonb_build_object('cells_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(counted.*)), '\x'::bytea ORDER BY counted.cell)), 'hex'::text) AS encode
           FROM public.return_cell counted
          WHERE (counted.return_id = received.return_id)), 'faults_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(fault.*)), '\x'::bytea ORDER BY fault.cell, (fault.field COLLATE "C"))), 'hex'::text) AS encode
           FROM public.return_fault fault
          WHERE (fault.return_id = received.return_id)), 'outcomes_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(counted.*)), '\x'::bytea ORDER BY counted.cell)), 'hex'::text) AS encode
           FROM public.return_outcome_cell counted
          WHERE (counted.return_id = received.return_id)), 'wordings_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(said.*)), '\x'::bytea ORDER BY said.wording)), 'hex'::text) AS encode
           FROM public.return_wording said
          WHERE (said.return_id = received.return_id)))) AS fields
   FROM public.return received
UNION ALL
 SELECT made.since_change AS change,
    'release'::text AS noun,
    (made.release_id)::text AS key,
    made.since_change,
    (to_jsonb(made.*) || jsonb_build_object('embargo_until', (made.embargo_until AT TIME ZONE 'UTC'::text), 'definitions_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(definition.definition)), '\x'::bytea ORDER BY (definition.category COLLATE "C"))), 'hex'::text) AS encode
           FROM public.release_definition definition
          WHERE (definition.release_id = made.release_id)), 'figures_digest', ( SELECT encode(sha256(string_agg(public.line_hash(to_jsonb(figure.figure)), '\x'::bytea ORDER BY figure."position")), 'hex'::text) AS encode
           FROM public.release_figure figure
          WHERE (figure.release_id = made.release_id)))) AS fields
   FROM public.release made
UNION ALL
 SELECT done.change,
    'erasure'::text AS noun,
    ((done.force || '/'::text) || done.offence_id) AS key,
    done.change AS since_change,
    to_jsonb(done.*) AS fields
   FROM public.erasure done
UNION ALL
 SELECT made.created_change AS change,
    'caller'::text AS noun,
    (made.caller_id)::text AS key,
    made.created_change AS since_change,
    ((to_jsonb(made.*) - 'revoked_change'::text) || jsonb_build_object('digest', encode(made.digest, 'hex'::text))) AS fields
   FROM public.caller made;

--
-- Name: VIEW seal_opening_of_first_nouns; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.seal_opening_of_first_nouns IS 'What each change opened, and the change itself: the columns of which the entry is made.';

--
-- Name: severity_weight; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.severity_weight (
    code text NOT NULL,
    since_change bigint NOT NULL,
    "position" integer NOT NULL,
    edition text,
    from_on date,
    to_on date,
    weight numeric NOT NULL,
    CONSTRAINT severity_weight_ends_after_it_begins CHECK ((from_on <= to_on)),
    CONSTRAINT severity_weight_weighs_nought_or_more CHECK ((weight >= (0)::numeric))
);

--
-- Name: TABLE severity_weight; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.severity_weight IS 'How grave a crime of a code weighs, from day to day; the days of one code do not overlap.';

--
-- Name: CONSTRAINT severity_weight_ends_after_it_begins ON severity_weight; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT severity_weight_ends_after_it_begins ON public.severity_weight IS 'A weight cannot end before it begins: check from_on and to_on.';

--
-- Name: CONSTRAINT severity_weight_weighs_nought_or_more ON severity_weight; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT severity_weight_weighs_nought_or_more ON public.severity_weight IS 'A severity weight cannot be below nought.';

--
-- Name: seal_opening; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.seal_opening WITH (security_invoker='true') AS
 SELECT seal_opening_of_first_nouns.change,
    seal_opening_of_first_nouns.noun,
    seal_opening_of_first_nouns.key,
    seal_opening_of_first_nouns.since_change,
    seal_opening_of_first_nouns.fields
   FROM public.seal_opening_of_first_nouns
UNION ALL
 SELECT version.since_change AS change,
    'operation'::text AS noun,
    (version.operation_id)::text AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.operation_version version
UNION ALL
 SELECT version.since_change AS change,
    'operation_tag'::text AS noun,
    ((((version.force || '/'::text) || version.operation_id) || '/'::text) || version.offence_id) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.operation_tag version
UNION ALL
 SELECT version.since_change AS change,
    'peer_group'::text AS noun,
    ((version.force || '/'::text) || version.peer_group) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.peer_group_version version
UNION ALL
 SELECT version.since_change AS change,
    'series_break'::text AS noun,
    version.series_break AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.series_break_version version
UNION ALL
 SELECT version.since_change AS change,
    'measure'::text AS noun,
    version.measure AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.measure_version version
UNION ALL
 SELECT version.since_change AS change,
    'observation'::text AS noun,
    (version.observation_id)::text AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.observation_version version
UNION ALL
 SELECT version.since_change AS change,
    'household_count'::text AS noun,
    ((version.area || '/'::text) || version.year) AS key,
    version.since_change,
    (to_jsonb(version.*) - 'until_change'::text) AS fields
   FROM public.household_count version
UNION ALL
 SELECT weighed.since_change AS change,
    'severity_weight'::text AS noun,
    ((weighed.code || '/'::text) || weighed."position") AS key,
    weighed.since_change,
    to_jsonb(weighed.*) AS fields
   FROM public.severity_weight weighed
UNION ALL
 SELECT version.since_change AS change,
    'caller_key'::text AS noun,
    (version.key_id)::text AS key,
    version.since_change,
    ((to_jsonb(version.*) - 'until_change'::text) || jsonb_build_object('digest', encode(version.digest, 'hex'::text), 'expires_at', (version.expires_at AT TIME ZONE 'UTC'::text))) AS fields
   FROM public.caller_key_version version;

--
-- Name: VIEW seal_opening; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.seal_opening IS 'What each change opened, and the change itself: the columns of which the entry is made.';

--
-- Name: seal_entry; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.seal_entry WITH (security_invoker='true') AS
 SELECT seal_opening.change,
    seal_opening.noun,
    seal_opening.key,
    seal_opening.since_change,
    false AS closing,
    ((jsonb_strip_nulls(
        CASE
            WHEN ((seal_opening.noun = 'street_submission'::text) AND ((seal_opening.fields -> 'forces'::text) = to_jsonb(ARRAY( SELECT DISTINCT (file.force COLLATE "C") AS force
               FROM public.street_submission_file file
              WHERE (file.street_submission_id = ((seal_opening.fields ->> 'street_submission_id'::text))::uuid)
              ORDER BY (file.force COLLATE "C"))))) THEN (seal_opening.fields - 'forces'::text)
            ELSE seal_opening.fields
        END) || jsonb_build_object('noun', seal_opening.noun)))::text AS entry
   FROM public.seal_opening
UNION ALL
 SELECT seal_closing.change,
    seal_closing.noun,
    seal_closing.key,
    seal_closing.since_change,
    true AS closing,
    (jsonb_build_object('key', seal_closing.key, 'noun', seal_closing.noun, 'since_change', seal_closing.since_change, 'until_change', seal_closing.change))::text AS entry
   FROM public.seal_closing;

--
-- Name: VIEW seal_entry; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.seal_entry IS 'Every entry that is or will be sealed, as the very text whose bytes are hashed.';

--
-- Name: seal_leaf; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.seal_leaf (
    "position" bigint NOT NULL,
    change bigint NOT NULL,
    closing boolean NOT NULL,
    hash bytea NOT NULL,
    key text NOT NULL,
    noun text NOT NULL,
    since_change bigint NOT NULL,
    CONSTRAINT seal_leaf_counts_from_nought CHECK (("position" >= 0)),
    CONSTRAINT seal_leaf_hash_is_sha256 CHECK ((octet_length(hash) = 32))
);

--
-- Name: TABLE seal_leaf; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.seal_leaf IS 'The leaves, in the order of changes: the hash of each entry, and where to find what it was made from.';

--
-- Name: seal_node; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.seal_node (
    level integer NOT NULL,
    "position" bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT seal_node_hash_is_sha256 CHECK ((octet_length(hash) = 32)),
    CONSTRAINT seal_node_stands_above_the_leaves CHECK ((level >= 1))
);

--
-- Name: TABLE seal_node; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.seal_node IS 'The complete subtrees above the leaves: that at a level and position holds the leaves from position << level on, 1 << level of them.';

--
-- Name: seal_subtree; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.seal_subtree WITH (security_invoker='true') AS
 SELECT 0 AS level,
    seal_leaf."position",
    seal_leaf.hash
   FROM public.seal_leaf
UNION ALL
 SELECT seal_node.level,
    seal_node."position",
    seal_node.hash
   FROM public.seal_node;

--
-- Name: VIEW seal_subtree; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.seal_subtree IS 'Leaves and nodes as one: every complete subtree there is.';

--
-- Name: street_crime_type; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.street_crime_type (
    crime_type text NOT NULL,
    from_month date NOT NULL,
    is_crime boolean NOT NULL,
    to_month date,
    CONSTRAINT street_crime_type_ends_after_it_begins CHECK ((from_month <= to_month))
);

--
-- Name: TABLE street_crime_type; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.street_crime_type IS 'The crime types of data.police.uk, with the first and last month that has them. They answer to no offence code and no category.';

--
-- Name: COLUMN street_crime_type.is_crime; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.street_crime_type.is_crime IS 'Anti-social behaviour is none.';

--
-- Name: street_submission_fault; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.street_submission_fault (
    street_submission_id uuid NOT NULL,
    "position" integer NOT NULL,
    detail text NOT NULL,
    field text NOT NULL,
    file text,
    line integer NOT NULL,
    value text,
    caller text
);

--
-- Name: COLUMN street_submission_fault.caller; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.street_submission_fault.caller IS 'As its receipt has it, so that both are seen by the same.';

--
-- Name: submission_fault; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.submission_fault (
    force text NOT NULL,
    submission_id uuid NOT NULL,
    line integer NOT NULL,
    "position" integer NOT NULL,
    detail text NOT NULL,
    field text NOT NULL,
    value text
);

--
-- Name: submission_replaced; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.submission_replaced (
    force text NOT NULL,
    submission_id uuid NOT NULL,
    offence_id uuid NOT NULL,
    area text NOT NULL,
    code text NOT NULL,
    crime_ref text NOT NULL,
    recorded_on date NOT NULL
);

--
-- Name: TABLE submission_replaced; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.submission_replaced IS 'The records that a file cancels, or would cancel, because it lacks them.';

--
-- Name: tally; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tally (
    force text NOT NULL,
    area text NOT NULL,
    month date NOT NULL,
    code text NOT NULL,
    offences integer NOT NULL,
    victims integer NOT NULL,
    CONSTRAINT tally_is_not_negative CHECK (((offences >= 0) AND (victims >= 0)))
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.02', autovacuum_analyze_scale_factor='0.02', fillfactor='75');

--
-- Name: TABLE tally; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.tally IS 'Records that count now, for each area above the beat, by code and month of recording.';

--
-- Name: tally_by_category; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.tally_by_category WITH (security_invoker='true') AS
 SELECT tally.force,
    tally.area,
    member.category,
    tally.month,
    sum(tally.offences) AS offences,
    sum(tally.victims) AS victims
   FROM (public.tally
     JOIN public.category_member_now member ON (((member.code = tally.code) AND ((tally.month >= member.from_on) AND (tally.month <= member.to_on)))))
  GROUP BY tally.force, tally.area, member.category, tally.month;

--
-- Name: VIEW tally_by_category; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.tally_by_category IS 'The tally summed by category, each as it is defined now.';

--
-- Name: target_shown; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.target_shown WITH (security_invoker='true') AS
 SELECT target_id,
    since_change,
    until_change,
    amount,
    area,
    base_from,
        CASE
            WHEN (base_period IS NOT NULL) THEN
            CASE
                WHEN (base_release IS NULL) THEN 'live'::text
                ELSE 'frozen'::text
            END
            ELSE NULL::text
        END AS base_is,
    base_period,
    base_release,
    base_to,
    category,
    ceiling,
    floor,
    kind,
    measure,
    COALESCE(milestones, '[]'::jsonb) AS milestones,
    name,
    owner,
    percent,
    period,
    period_from,
    period_to,
    rank,
    set_on,
    COALESCE(source, 'records'::text) AS source
   FROM public.target_version;

--
-- Name: VIEW target_shown; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON VIEW public.target_shown IS 'Targets as they are answered: what is left out where it is usual is said.';

--
-- Name: withheld_mark; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.withheld_mark (
    mark text NOT NULL,
    meaning text NOT NULL,
    CONSTRAINT withheld_mark_is_in_small_letters CHECK ((mark = lower(mark)))
);

--
-- Name: TABLE withheld_mark; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.withheld_mark IS 'What stands in published tables in place of a count, and what it means. None of them is nought.';

--
-- Name: access_end access_ends_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.access_end
    ADD CONSTRAINT access_ends_once PRIMARY KEY (access_id);

--
-- Name: access access_is_logged_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.access
    ADD CONSTRAINT access_is_logged_once PRIMARY KEY (access_id);

--
-- Name: area_ancestor area_ancestor_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_ancestor
    ADD CONSTRAINT area_ancestor_begins_once PRIMARY KEY (area, ancestor, since_change);

--
-- Name: area_version area_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_version
    ADD CONSTRAINT area_version_begins_once PRIMARY KEY (area, since_change);

--
-- Name: built_in_measure built_in_measure_is_told_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.built_in_measure
    ADD CONSTRAINT built_in_measure_is_told_once PRIMARY KEY (measure);

--
-- Name: caller caller_digest_is_its_own; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller
    ADD CONSTRAINT caller_digest_is_its_own UNIQUE (digest);

--
-- Name: caller_key_use caller_key_use_is_told_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_key_use
    ADD CONSTRAINT caller_key_use_is_told_once PRIMARY KEY (key_id);

--
-- Name: caller_key_version caller_key_version_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_key_version
    ADD CONSTRAINT caller_key_version_stands_once PRIMARY KEY (key_id, since_change);

--
-- Name: caller caller_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller
    ADD CONSTRAINT caller_stands_once PRIMARY KEY (caller_id);

--
-- Name: category_code category_code_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_code
    ADD CONSTRAINT category_code_stands_once PRIMARY KEY (category, definition, code, "position");

--
-- Name: category_version category_definition_is_numbered_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_version
    ADD CONSTRAINT category_definition_is_numbered_once UNIQUE (category, definition);

--
-- Name: category_tally category_tally_counts_a_cell_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_tally
    ADD CONSTRAINT category_tally_counts_a_cell_once PRIMARY KEY (area, category, month, force);

--
-- Name: category_version category_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_version
    ADD CONSTRAINT category_version_begins_once PRIMARY KEY (category, since_change);

--
-- Name: change change_has_its_own_instant; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_has_its_own_instant UNIQUE (at);

--
-- Name: change change_has_one_number; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_has_one_number PRIMARY KEY (id);

--
-- Name: code_period code_period_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_period
    ADD CONSTRAINT code_period_stands_once PRIMARY KEY (code, since_change, "position");

--
-- Name: code_version code_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_version
    ADD CONSTRAINT code_version_begins_once PRIMARY KEY (code, since_change);

--
-- Name: coverage coverage_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_begins_once PRIMARY KEY (force, since_change, category, days);

--
-- Name: coverage_now coverage_now_is_summed_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coverage_now
    ADD CONSTRAINT coverage_now_is_summed_once PRIMARY KEY (force, category, definition);

--
-- Name: erasure erasure_is_done_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_is_done_once PRIMARY KEY (force, offence_id);

--
-- Name: given_answer given_answer_is_given_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.given_answer
    ADD CONSTRAINT given_answer_is_given_once PRIMARY KEY (caller, idempotency_key);

--
-- Name: household_count household_count_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.household_count
    ADD CONSTRAINT household_count_begins_once PRIMARY KEY (area, year, since_change);

--
-- Name: known_area known_area_is_named_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_area
    ADD CONSTRAINT known_area_is_named_once PRIMARY KEY (area);

--
-- Name: known_category known_category_is_named_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_category
    ADD CONSTRAINT known_category_is_named_once PRIMARY KEY (category);

--
-- Name: known_code known_code_is_named_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_code
    ADD CONSTRAINT known_code_is_named_once PRIMARY KEY (code);

--
-- Name: known_measure known_measure_is_named_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_measure
    ADD CONSTRAINT known_measure_is_named_once PRIMARY KEY (measure);

--
-- Name: mapping_version mapping_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mapping_version
    ADD CONSTRAINT mapping_version_begins_once PRIMARY KEY (force, name, since_change);

--
-- Name: measure_version measure_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measure_version
    ADD CONSTRAINT measure_version_begins_once PRIMARY KEY (measure, since_change);

--
-- Name: observation_version observation_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observation_version
    ADD CONSTRAINT observation_version_begins_once PRIMARY KEY (observation_id, since_change);

--
-- Name: offence_personal_digest offence_personal_digest_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offence_personal_digest
    ADD CONSTRAINT offence_personal_digest_stands_once PRIMARY KEY (force, offence_id, since_change);

--
-- Name: offence_version offence_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offence_version
    ADD CONSTRAINT offence_version_begins_once PRIMARY KEY (force, offence_id, since_change);

--
-- Name: operation_tag operation_tag_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_tag
    ADD CONSTRAINT operation_tag_begins_once PRIMARY KEY (force, operation_id, offence_id, since_change);

--
-- Name: operation_version operation_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_version
    ADD CONSTRAINT operation_version_begins_once PRIMARY KEY (operation_id, since_change);

--
-- Name: outcome_type outcome_type_is_named_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outcome_type
    ADD CONSTRAINT outcome_type_is_named_once PRIMARY KEY (outcome);

--
-- Name: peer_group_version peer_group_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.peer_group_version
    ADD CONSTRAINT peer_group_version_begins_once PRIMARY KEY (force, peer_group, since_change);

--
-- Name: population population_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.population
    ADD CONSTRAINT population_begins_once PRIMARY KEY (area, year, since_change);

--
-- Name: positive_outcome positive_outcome_is_told_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.positive_outcome
    ADD CONSTRAINT positive_outcome_is_told_once PRIMARY KEY (outcome);

--
-- Name: rate_withheld rate_withheld_is_told_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rate_withheld
    ADD CONSTRAINT rate_withheld_is_told_once PRIMARY KEY (area);

--
-- Name: release_definition release_definition_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release_definition
    ADD CONSTRAINT release_definition_stands_once PRIMARY KEY (release_id, category);

--
-- Name: release_figure release_figure_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release_figure
    ADD CONSTRAINT release_figure_stands_once PRIMARY KEY (release_id, "position");

--
-- Name: release release_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release
    ADD CONSTRAINT release_stands_once PRIMARY KEY (release_id);

--
-- Name: return_cell return_cell_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_cell
    ADD CONSTRAINT return_cell_stands_once PRIMARY KEY (return_id, cell);

--
-- Name: return return_edition_is_received_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return
    ADD CONSTRAINT return_edition_is_received_once UNIQUE (source, edition);

--
-- Name: CONSTRAINT return_edition_is_received_once ON return; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT return_edition_is_received_once ON public.return IS 'This edition of that source has been received already, with other bytes: give the new file its own edition.';

--
-- Name: return_fault return_fault_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_fault
    ADD CONSTRAINT return_fault_stands_once PRIMARY KEY (return_id, cell, field);

--
-- Name: return_outcome_cell return_outcome_cell_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_stands_once PRIMARY KEY (return_id, cell);

--
-- Name: return return_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return
    ADD CONSTRAINT return_stands_once PRIMARY KEY (return_id);

--
-- Name: return_wording return_wording_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_wording
    ADD CONSTRAINT return_wording_stands_once PRIMARY KEY (return_id, wording);

--
-- Name: schema_checksum schema_checksum_is_kept_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_checksum
    ADD CONSTRAINT schema_checksum_is_kept_once PRIMARY KEY (version);

--
-- Name: seal_leaf seal_leaf_seals_a_thing_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seal_leaf
    ADD CONSTRAINT seal_leaf_seals_a_thing_once UNIQUE (noun, key, since_change, closing);

--
-- Name: seal_leaf seal_leaf_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seal_leaf
    ADD CONSTRAINT seal_leaf_stands_once PRIMARY KEY ("position");

--
-- Name: seal_node seal_node_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seal_node
    ADD CONSTRAINT seal_node_stands_once PRIMARY KEY (level, "position");

--
-- Name: seal seal_of_a_change_is_made_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seal
    ADD CONSTRAINT seal_of_a_change_is_made_once UNIQUE (change);

--
-- Name: seal seal_of_a_size_is_made_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seal
    ADD CONSTRAINT seal_of_a_size_is_made_once PRIMARY KEY (tree_size);

--
-- Name: series_break_version series_break_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series_break_version
    ADD CONSTRAINT series_break_version_begins_once PRIMARY KEY (series_break, since_change);

--
-- Name: severity_weight severity_weight_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.severity_weight
    ADD CONSTRAINT severity_weight_stands_once PRIMARY KEY (code, since_change, "position");

--
-- Name: street_crime_type street_crime_type_is_named_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_crime_type
    ADD CONSTRAINT street_crime_type_is_named_once PRIMARY KEY (crime_type);

--
-- Name: street_record_version street_record_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_record_version
    ADD CONSTRAINT street_record_version_begins_once PRIMARY KEY (force, street_record_id, since_change);

--
-- Name: street_submission_fault street_submission_fault_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission_fault
    ADD CONSTRAINT street_submission_fault_stands_once PRIMARY KEY (street_submission_id, "position");

--
-- Name: street_submission_file street_submission_file_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission_file
    ADD CONSTRAINT street_submission_file_stands_once PRIMARY KEY (force, street_submission_id, month, kind);

--
-- Name: street_submission street_submission_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission
    ADD CONSTRAINT street_submission_stands_once PRIMARY KEY (street_submission_id);

--
-- Name: submission_fault submission_fault_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_fault
    ADD CONSTRAINT submission_fault_stands_once PRIMARY KEY (force, submission_id, line, "position");

--
-- Name: submission_replaced submission_replaced_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_replaced
    ADD CONSTRAINT submission_replaced_stands_once PRIMARY KEY (force, submission_id, offence_id);

--
-- Name: submission submission_stands_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_stands_once PRIMARY KEY (force, submission_id);

--
-- Name: tally tally_counts_a_cell_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tally
    ADD CONSTRAINT tally_counts_a_cell_once PRIMARY KEY (area, month, code, force);

--
-- Name: target_version target_version_begins_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.target_version
    ADD CONSTRAINT target_version_begins_once PRIMARY KEY (target_id, since_change);

--
-- Name: withheld_mark withheld_mark_is_told_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.withheld_mark
    ADD CONSTRAINT withheld_mark_is_told_once PRIMARY KEY (mark);

--
-- Name: access_of_many; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX access_of_many ON public.access USING btree (access_id) WHERE (offence_id IS NULL);

--
-- Name: access_of_one; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX access_of_one ON public.access USING btree (offence_id) WHERE (offence_id IS NOT NULL);

--
-- Name: area_ancestor_downwards; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX area_ancestor_downwards ON public.area_ancestor USING btree (ancestor, area);

--
-- Name: area_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX area_present ON public.area_version USING btree (area) WHERE (until_change IS NULL);

--
-- Name: area_slug_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX area_slug_present ON public.area_version USING btree (slug) WHERE (until_change IS NULL);

--
-- Name: INDEX area_slug_present; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.area_slug_present IS 'Another area already has this slug: choose a different one.';

--
-- Name: caller_key_by_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX caller_key_by_caller ON public.caller_key_version USING btree (caller_id, key_id);

--
-- Name: caller_key_digest_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX caller_key_digest_present ON public.caller_key_version USING btree (digest) WHERE (until_change IS NULL);

--
-- Name: caller_name_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX caller_name_present ON public.caller USING btree (name) WHERE (revoked_change IS NULL);

--
-- Name: INDEX caller_name_present; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.caller_name_present IS 'Another caller in use has that name: choose a different one, or revoke it first.';

--
-- Name: category_code_by_code; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX category_code_by_code ON public.category_code USING btree (code);

--
-- Name: category_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX category_present ON public.category_version USING btree (category) WHERE (until_change IS NULL);

--
-- Name: code_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX code_present ON public.code_version USING btree (code) WHERE (until_change IS NULL);

--
-- Name: coverage_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX coverage_newest ON public.coverage USING btree (since_change);

--
-- Name: erasure_by_change; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX erasure_by_change ON public.erasure USING btree (change, offence_id);

--
-- Name: given_answer_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX given_answer_by_age ON public.given_answer USING btree (at);

--
-- Name: household_count_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX household_count_present ON public.household_count USING btree (area, year) WHERE (until_change IS NULL);

--
-- Name: mapping_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX mapping_present ON public.mapping_version USING btree (force, name) WHERE (until_change IS NULL);

--
-- Name: measure_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX measure_present ON public.measure_version USING btree (measure) WHERE (until_change IS NULL);

--
-- Name: observation_is_made_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX observation_is_made_once ON public.observation_version USING btree (measure, area, period_from, period_to) WHERE (until_change IS NULL);

--
-- Name: INDEX observation_is_made_once; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.observation_is_made_once IS 'There is an observation of this measure for that area and period already: list it with GET /v1/measures/{measure}/observations and correct it with PUT.';

--
-- Name: observation_listed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX observation_listed ON public.observation_version USING btree (measure, observation_id);

--
-- Name: observation_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX observation_present ON public.observation_version USING btree (observation_id) WHERE (until_change IS NULL);

--
-- Name: offence_by_area; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_by_area ON public.offence_version USING btree (area, recorded_on, code);

--
-- Name: offence_by_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_by_day ON public.offence_version USING btree (recorded_on, offence_id);

--
-- Name: offence_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_by_id ON public.offence_version USING btree (offence_id, since_change);

--
-- Name: offence_by_outcome; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_by_outcome ON public.offence_version USING btree (area, outcome_on) WHERE (outcome_on IS NOT NULL);

--
-- Name: offence_by_outcome_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_by_outcome_day ON public.offence_version USING btree (force, outcome_on) WHERE (outcome_on IS NOT NULL);

--
-- Name: offence_closed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_closed ON public.offence_version USING btree (until_change, force) WHERE (until_change IS NOT NULL);

--
-- Name: offence_entered; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_entered ON public.offence_version USING btree (area, public.month_of(recorded_on), since_change) WHERE ((until_change IS NULL) AND (status = 'recorded'::text));

--
-- Name: offence_is_received_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX offence_is_received_once ON public.offence_version USING btree (force, transferred_from) WHERE ((until_change IS NULL) AND (transferred_from IS NOT NULL));

--
-- Name: INDEX offence_is_received_once; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.offence_is_received_once IS 'This force has a record of that transferred crime already: read and correct that one.';

--
-- Name: offence_left; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_left ON public.offence_version USING btree (area, public.month_of(recorded_on), until_change) INCLUDE (since_change, code, victims) WHERE ((until_change IS NOT NULL) AND (status = 'recorded'::text));

--
-- Name: offence_listed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_listed ON public.offence_version USING btree (force, recorded_on, offence_id);

--
-- Name: offence_opened; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX offence_opened ON public.offence_version USING btree (since_change, force);

--
-- Name: offence_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX offence_present ON public.offence_version USING btree (force, offence_id) WHERE (until_change IS NULL);

--
-- Name: offence_reference_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX offence_reference_present ON public.offence_version USING btree (force, crime_ref) WHERE (until_change IS NULL);

--
-- Name: INDEX offence_reference_present; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.offence_reference_present IS 'This force already has a record with that crime_ref: read it with GET /v1/offences?crime_ref=… and correct it with PUT, or give the new record its own reference.';

--
-- Name: operation_name_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX operation_name_present ON public.operation_version USING btree (lower(name)) WHERE (until_change IS NULL);

--
-- Name: INDEX operation_name_present; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.operation_name_present IS 'Another operation has this name: choose a different one, or correct that one with PUT.';

--
-- Name: operation_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX operation_present ON public.operation_version USING btree (operation_id) WHERE (until_change IS NULL);

--
-- Name: operation_tag_by_operation; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX operation_tag_by_operation ON public.operation_tag USING btree (operation_id, offence_id);

--
-- Name: operation_tag_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX operation_tag_present ON public.operation_tag USING btree (force, operation_id, offence_id) WHERE (until_change IS NULL);

--
-- Name: peer_group_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX peer_group_present ON public.peer_group_version USING btree (force, peer_group) WHERE (until_change IS NULL);

--
-- Name: population_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX population_present ON public.population USING btree (area, year) WHERE (until_change IS NULL);

--
-- Name: release_figure_of; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX release_figure_of ON public.release_figure USING btree (area, category, release_id);

--
-- Name: return_cell_is_given_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX return_cell_is_given_once ON public.return_cell USING btree (return_id, area, from_on, to_on, COALESCE(code, category), COALESCE(unassigned, ''::text), (
CASE
    WHEN (strpos(code, '/'::text) > 0) THEN cell
    ELSE 0
END));

--
-- Name: return_outcome_cell_is_given_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX return_outcome_cell_is_given_once ON public.return_outcome_cell USING btree (return_id, area, from_on, to_on, COALESCE(code, category), outcome, basis, (
CASE
    WHEN (strpos(code, '/'::text) > 0) THEN cell
    ELSE 0
END));

--
-- Name: series_break_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX series_break_present ON public.series_break_version USING btree (series_break) WHERE (until_change IS NULL);

--
-- Name: street_record_by_area; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX street_record_by_area ON public.street_record_version USING btree (area, kind, month);

--
-- Name: street_record_by_crime_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX street_record_by_crime_id ON public.street_record_version USING btree (force, crime_id) WHERE (crime_id IS NOT NULL);

--
-- Name: street_record_by_month; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX street_record_by_month ON public.street_record_version USING btree (kind, month, street_record_id);

--
-- Name: street_record_present; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX street_record_present ON public.street_record_version USING btree (force, month, kind) WHERE (until_change IS NULL);

--
-- Name: street_submission_file_by_submission; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX street_submission_file_by_submission ON public.street_submission_file USING btree (street_submission_id);

--
-- Name: submission_by_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX submission_by_id ON public.submission USING btree (submission_id);

--
-- Name: target_is_set_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX target_is_set_once ON public.target_version USING btree (owner, area, COALESCE(category, ''::text), measure, period_from, period_to) WHERE (until_change IS NULL);

--
-- Name: INDEX target_is_set_once; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON INDEX public.target_is_set_once IS 'This owner already has a target for that area, category, measure and period: correct it with PUT instead.';

--
-- Name: target_present; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX target_present ON public.target_version USING btree (target_id) WHERE (until_change IS NULL);

--
-- Name: access access_log_only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER access_log_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.access FOR EACH STATEMENT EXECUTE FUNCTION public.access_log_only_grows();

--
-- Name: access_end access_log_only_grows; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER access_log_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.access_end FOR EACH STATEMENT EXECUTE FUNCTION public.access_log_only_grows();

--
-- Name: area_ancestor closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.area_ancestor FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: area_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.area_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: caller_key_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.caller_key_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: category_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.category_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: code_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.code_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: household_count closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.household_count FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: mapping_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.mapping_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: measure_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.measure_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: observation_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.observation_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: offence_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.offence_version FOR EACH ROW EXECUTE FUNCTION public.offence_version_only_ends_or_is_erased();

--
-- Name: operation_tag closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.operation_tag FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: operation_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.operation_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: peer_group_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.peer_group_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: population closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.population FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: series_break_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.series_break_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: street_record_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.street_record_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: target_version closed_version_stays_closed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER closed_version_stays_closed BEFORE UPDATE ON public.target_version FOR EACH ROW EXECUTE FUNCTION public.closed_version_stays_closed();

--
-- Name: offence_version offence_points_at_what_is_known; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER offence_points_at_what_is_known AFTER INSERT ON public.offence_version REFERENCING NEW TABLE AS opened FOR EACH STATEMENT EXECUTE FUNCTION public.offence_points_at_what_is_known();

--
-- Name: offence_personal_digest only_the_salt_goes; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER only_the_salt_goes BEFORE UPDATE ON public.offence_personal_digest FOR EACH ROW WHEN (((new.salt IS NOT NULL) OR ((((new.force IS DISTINCT FROM old.force) OR (new.offence_id IS DISTINCT FROM old.offence_id)) OR (new.since_change IS DISTINCT FROM old.since_change)) OR (new.digest IS DISTINCT FROM old.digest)))) EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: release published_stays_as_it_was; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER published_stays_as_it_was BEFORE DELETE OR UPDATE ON public.release FOR EACH ROW EXECUTE FUNCTION public.published_stays_as_it_was();

--
-- Name: release_definition published_stays_as_it_was; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER published_stays_as_it_was BEFORE DELETE OR UPDATE ON public.release_definition FOR EACH ROW EXECUTE FUNCTION public.published_stays_as_it_was();

--
-- Name: release_figure published_stays_as_it_was; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER published_stays_as_it_was BEFORE DELETE OR UPDATE ON public.release_figure FOR EACH ROW EXECUTE FUNCTION public.published_stays_as_it_was();

--
-- Name: offence_personal_digest sealed_is_not_emptied; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_is_not_emptied BEFORE TRUNCATE ON public.offence_personal_digest FOR EACH STATEMENT EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: seal sealed_is_not_emptied; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_is_not_emptied BEFORE TRUNCATE ON public.seal FOR EACH STATEMENT EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: seal_leaf sealed_is_not_emptied; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_is_not_emptied BEFORE TRUNCATE ON public.seal_leaf FOR EACH STATEMENT EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: seal_node sealed_is_not_emptied; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_is_not_emptied BEFORE TRUNCATE ON public.seal_node FOR EACH STATEMENT EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: offence_personal_digest sealed_stays_sealed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_stays_sealed BEFORE DELETE ON public.offence_personal_digest FOR EACH ROW EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: seal sealed_stays_sealed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_stays_sealed BEFORE DELETE OR UPDATE ON public.seal FOR EACH ROW EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: seal_leaf sealed_stays_sealed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_stays_sealed BEFORE DELETE OR UPDATE ON public.seal_leaf FOR EACH ROW EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: seal_node sealed_stays_sealed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER sealed_stays_sealed BEFORE DELETE OR UPDATE ON public.seal_node FOR EACH ROW EXECUTE FUNCTION public.sealed_stays_sealed();

--
-- Name: area_ancestor area_ancestor_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_ancestor
    ADD CONSTRAINT area_ancestor_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: area_ancestor area_ancestor_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_ancestor
    ADD CONSTRAINT area_ancestor_is_known FOREIGN KEY (ancestor) REFERENCES public.known_area(area);

--
-- Name: area_version area_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_version
    ADD CONSTRAINT area_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: area_version area_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_version
    ADD CONSTRAINT area_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: area_version area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.area_version
    ADD CONSTRAINT area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: caller_key_version caller_key_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_key_version
    ADD CONSTRAINT caller_key_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: caller_key_version caller_key_belongs_to_a_caller; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_key_version
    ADD CONSTRAINT caller_key_belongs_to_a_caller FOREIGN KEY (caller_id) REFERENCES public.caller(caller_id);

--
-- Name: caller_key_version caller_key_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller_key_version
    ADD CONSTRAINT caller_key_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: caller caller_was_created_by_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller
    ADD CONSTRAINT caller_was_created_by_a_change FOREIGN KEY (created_change) REFERENCES public.change(id);

--
-- Name: caller caller_was_revoked_by_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caller
    ADD CONSTRAINT caller_was_revoked_by_a_change FOREIGN KEY (revoked_change) REFERENCES public.change(id);

--
-- Name: category_version category_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_version
    ADD CONSTRAINT category_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: category_code category_code_belongs_to_a_definition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_code
    ADD CONSTRAINT category_code_belongs_to_a_definition FOREIGN KEY (category, definition) REFERENCES public.category_version(category, definition);

--
-- Name: category_code category_code_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_code
    ADD CONSTRAINT category_code_is_known FOREIGN KEY (code) REFERENCES public.known_code(code);

--
-- Name: CONSTRAINT category_code_is_known ON category_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT category_code_is_known ON public.category_code IS 'A category can only hold codes that /v1/offence-codes lists.';

--
-- Name: category_version category_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_version
    ADD CONSTRAINT category_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: category_version category_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_version
    ADD CONSTRAINT category_is_known FOREIGN KEY (category) REFERENCES public.known_category(category);

--
-- Name: category_version category_part_of_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.category_version
    ADD CONSTRAINT category_part_of_is_known FOREIGN KEY (part_of) REFERENCES public.known_category(category);

--
-- Name: CONSTRAINT category_part_of_is_known ON category_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT category_part_of_is_known ON public.category_version IS 'A category can only be part_of one that /v1/categories lists.';

--
-- Name: code_version code_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_version
    ADD CONSTRAINT code_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: code_version code_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_version
    ADD CONSTRAINT code_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: code_version code_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_version
    ADD CONSTRAINT code_is_known FOREIGN KEY (code) REFERENCES public.known_code(code);

--
-- Name: code_period code_period_belongs_to_a_version; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.code_period
    ADD CONSTRAINT code_period_belongs_to_a_version FOREIGN KEY (code, since_change) REFERENCES public.code_version(code, since_change);

--
-- Name: coverage coverage_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: coverage coverage_definition_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_definition_is_known FOREIGN KEY (category, definition) REFERENCES public.category_version(category, definition);

--
-- Name: coverage coverage_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT coverage_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: erasure erasure_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: erasure erasure_made_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_made_a_change FOREIGN KEY (change) REFERENCES public.change(id);

--
-- Name: household_count household_count_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.household_count
    ADD CONSTRAINT household_count_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: household_count household_count_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.household_count
    ADD CONSTRAINT household_count_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: household_count household_count_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.household_count
    ADD CONSTRAINT household_count_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: known_code known_code_became_known_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_code
    ADD CONSTRAINT known_code_became_known_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: mapping_version mapping_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mapping_version
    ADD CONSTRAINT mapping_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: mapping_version mapping_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mapping_version
    ADD CONSTRAINT mapping_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: mapping_version mapping_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mapping_version
    ADD CONSTRAINT mapping_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: measure_version measure_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measure_version
    ADD CONSTRAINT measure_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: measure_version measure_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measure_version
    ADD CONSTRAINT measure_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: measure_version measure_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.measure_version
    ADD CONSTRAINT measure_is_known FOREIGN KEY (measure) REFERENCES public.known_measure(measure);

--
-- Name: observation_version observation_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observation_version
    ADD CONSTRAINT observation_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: observation_version observation_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observation_version
    ADD CONSTRAINT observation_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: observation_version observation_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observation_version
    ADD CONSTRAINT observation_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: observation_version observation_measure_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.observation_version
    ADD CONSTRAINT observation_measure_is_known FOREIGN KEY (measure) REFERENCES public.known_measure(measure);

--
-- Name: offence_version offence_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offence_version
    ADD CONSTRAINT offence_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: offence_personal_digest offence_personal_digest_is_of_a_version; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offence_personal_digest
    ADD CONSTRAINT offence_personal_digest_is_of_a_version FOREIGN KEY (force, offence_id, since_change) REFERENCES public.offence_version(force, offence_id, since_change);

--
-- Name: offence_version offence_transferred_to_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offence_version
    ADD CONSTRAINT offence_transferred_to_is_known FOREIGN KEY (transferred_to) REFERENCES public.known_area(area);

--
-- Name: offence_version offence_was_erased_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.offence_version
    ADD CONSTRAINT offence_was_erased_at_a_change FOREIGN KEY (erased_change) REFERENCES public.change(id);

--
-- Name: operation_version operation_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_version
    ADD CONSTRAINT operation_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: operation_version operation_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_version
    ADD CONSTRAINT operation_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: operation_tag operation_tag_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_tag
    ADD CONSTRAINT operation_tag_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: operation_tag operation_tag_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_tag
    ADD CONSTRAINT operation_tag_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: operation_tag operation_tag_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operation_tag
    ADD CONSTRAINT operation_tag_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: outcome_type outcome_type_part_of_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outcome_type
    ADD CONSTRAINT outcome_type_part_of_is_known FOREIGN KEY (part_of) REFERENCES public.outcome_type(outcome);

--
-- Name: peer_group_version peer_group_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.peer_group_version
    ADD CONSTRAINT peer_group_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: peer_group_version peer_group_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.peer_group_version
    ADD CONSTRAINT peer_group_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: peer_group_version peer_group_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.peer_group_version
    ADD CONSTRAINT peer_group_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: population population_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.population
    ADD CONSTRAINT population_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: population population_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.population
    ADD CONSTRAINT population_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: population population_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.population
    ADD CONSTRAINT population_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: positive_outcome positive_outcome_is_a_type; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.positive_outcome
    ADD CONSTRAINT positive_outcome_is_a_type FOREIGN KEY (outcome) REFERENCES public.outcome_type(outcome);

--
-- Name: release_definition release_definition_belongs_to_a_release; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release_definition
    ADD CONSTRAINT release_definition_belongs_to_a_release FOREIGN KEY (release_id) REFERENCES public.release(release_id);

--
-- Name: release_definition release_definition_is_one_of_a_category; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release_definition
    ADD CONSTRAINT release_definition_is_one_of_a_category FOREIGN KEY (category, definition) REFERENCES public.category_version(category, definition);

--
-- Name: release_figure release_figure_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release_figure
    ADD CONSTRAINT release_figure_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: release_figure release_figure_is_of_a_definition; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release_figure
    ADD CONSTRAINT release_figure_is_of_a_definition FOREIGN KEY (release_id, category) REFERENCES public.release_definition(release_id, category);

--
-- Name: release release_was_known_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release
    ADD CONSTRAINT release_was_known_at_a_change FOREIGN KEY (change) REFERENCES public.change(id);

--
-- Name: release release_was_made_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.release
    ADD CONSTRAINT release_was_made_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: return_cell return_cell_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_cell
    ADD CONSTRAINT return_cell_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: return_cell return_cell_belongs_to_a_return; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_cell
    ADD CONSTRAINT return_cell_belongs_to_a_return FOREIGN KEY (return_id) REFERENCES public.return(return_id) DEFERRABLE INITIALLY DEFERRED;

--
-- Name: return_cell return_cell_category_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_cell
    ADD CONSTRAINT return_cell_category_is_known FOREIGN KEY (category) REFERENCES public.known_category(category);

--
-- Name: return_cell return_cell_code_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_cell
    ADD CONSTRAINT return_cell_code_is_known FOREIGN KEY (code) REFERENCES public.known_code(code);

--
-- Name: return_cell return_cell_withheld_mark_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_cell
    ADD CONSTRAINT return_cell_withheld_mark_is_known FOREIGN KEY (withheld) REFERENCES public.withheld_mark(mark);

--
-- Name: return_fault return_fault_belongs_to_a_return; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_fault
    ADD CONSTRAINT return_fault_belongs_to_a_return FOREIGN KEY (return_id) REFERENCES public.return(return_id) DEFERRABLE INITIALLY DEFERRED;

--
-- Name: return return_made_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return
    ADD CONSTRAINT return_made_a_change FOREIGN KEY (change) REFERENCES public.change(id);

--
-- Name: return_outcome_cell return_outcome_cell_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: return_outcome_cell return_outcome_cell_belongs_to_a_return; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_belongs_to_a_return FOREIGN KEY (return_id) REFERENCES public.return(return_id) DEFERRABLE INITIALLY DEFERRED;

--
-- Name: return_outcome_cell return_outcome_cell_category_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_category_is_known FOREIGN KEY (category) REFERENCES public.known_category(category);

--
-- Name: return_outcome_cell return_outcome_cell_code_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_code_is_known FOREIGN KEY (code) REFERENCES public.known_code(code);

--
-- Name: return_outcome_cell return_outcome_cell_mark_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_mark_is_known FOREIGN KEY (withheld) REFERENCES public.withheld_mark(mark);

--
-- Name: return_outcome_cell return_outcome_cell_outcome_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_outcome_cell
    ADD CONSTRAINT return_outcome_cell_outcome_is_known FOREIGN KEY (outcome) REFERENCES public.outcome_type(outcome);

--
-- Name: return_wording return_wording_belongs_to_a_return; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.return_wording
    ADD CONSTRAINT return_wording_belongs_to_a_return FOREIGN KEY (return_id) REFERENCES public.return(return_id) DEFERRABLE INITIALLY DEFERRED;

--
-- Name: seal seal_reaches_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.seal
    ADD CONSTRAINT seal_reaches_a_change FOREIGN KEY (change) REFERENCES public.change(id);

--
-- Name: series_break_version series_break_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series_break_version
    ADD CONSTRAINT series_break_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: series_break_version series_break_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series_break_version
    ADD CONSTRAINT series_break_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: severity_weight severity_weight_belongs_to_a_version; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.severity_weight
    ADD CONSTRAINT severity_weight_belongs_to_a_version FOREIGN KEY (code, since_change) REFERENCES public.code_version(code, since_change);

--
-- Name: street_record_version street_record_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_record_version
    ADD CONSTRAINT street_record_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: street_record_version street_record_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_record_version
    ADD CONSTRAINT street_record_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: street_record_version street_record_crime_type_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_record_version
    ADD CONSTRAINT street_record_crime_type_is_known FOREIGN KEY (crime_type) REFERENCES public.street_crime_type(crime_type);

--
-- Name: street_record_version street_record_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_record_version
    ADD CONSTRAINT street_record_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: street_record_version street_record_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_record_version
    ADD CONSTRAINT street_record_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: street_submission_fault street_submission_fault_is_of_a_submission; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission_fault
    ADD CONSTRAINT street_submission_fault_is_of_a_submission FOREIGN KEY (street_submission_id) REFERENCES public.street_submission(street_submission_id);

--
-- Name: street_submission_file street_submission_file_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission_file
    ADD CONSTRAINT street_submission_file_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: street_submission_file street_submission_file_is_of_a_submission; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission_file
    ADD CONSTRAINT street_submission_file_is_of_a_submission FOREIGN KEY (street_submission_id) REFERENCES public.street_submission(street_submission_id);

--
-- Name: street_submission street_submission_made_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.street_submission
    ADD CONSTRAINT street_submission_made_a_change FOREIGN KEY (change) REFERENCES public.change(id);

--
-- Name: submission submission_covers_a_known_category; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_covers_a_known_category FOREIGN KEY (covers) REFERENCES public.known_category(category);

--
-- Name: submission_fault submission_fault_belongs_to_a_submission; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_fault
    ADD CONSTRAINT submission_fault_belongs_to_a_submission FOREIGN KEY (force, submission_id) REFERENCES public.submission(force, submission_id);

--
-- Name: submission submission_force_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_force_is_known FOREIGN KEY (force) REFERENCES public.known_area(area);

--
-- Name: submission submission_made_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission
    ADD CONSTRAINT submission_made_a_change FOREIGN KEY (change) REFERENCES public.change(id);

--
-- Name: submission_replaced submission_replaced_belongs_to_a_submission; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.submission_replaced
    ADD CONSTRAINT submission_replaced_belongs_to_a_submission FOREIGN KEY (force, submission_id) REFERENCES public.submission(force, submission_id);

--
-- Name: target_version target_area_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.target_version
    ADD CONSTRAINT target_area_is_known FOREIGN KEY (area) REFERENCES public.known_area(area);

--
-- Name: target_version target_base_release_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.target_version
    ADD CONSTRAINT target_base_release_is_known FOREIGN KEY (base_release) REFERENCES public.release(release_id);

--
-- Name: CONSTRAINT target_base_release_is_known ON target_version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON CONSTRAINT target_base_release_is_known ON public.target_version IS 'No release has the id that base_release gives.';

--
-- Name: target_version target_began_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.target_version
    ADD CONSTRAINT target_began_at_a_change FOREIGN KEY (since_change) REFERENCES public.change(id);

--
-- Name: target_version target_category_is_known; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.target_version
    ADD CONSTRAINT target_category_is_known FOREIGN KEY (category) REFERENCES public.known_category(category);

--
-- Name: target_version target_ended_at_a_change; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.target_version
    ADD CONSTRAINT target_ended_at_a_change FOREIGN KEY (until_change) REFERENCES public.change(id);

--
-- Name: access; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.access ENABLE ROW LEVEL SECURITY;

--
-- Name: access_end; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.access_end ENABLE ROW LEVEL SECURITY;

--
-- Name: category_tally; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.category_tally ENABLE ROW LEVEL SECURITY;

--
-- Name: coverage; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.coverage ENABLE ROW LEVEL SECURITY;

--
-- Name: coverage_now; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.coverage_now ENABLE ROW LEVEL SECURITY;

--
-- Name: erasure; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.erasure ENABLE ROW LEVEL SECURITY;

--
-- Name: seal_leaf for_whoever_asks; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY for_whoever_asks ON public.seal_leaf TO crimebook_service USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: given_answer forgotten_for_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY forgotten_for_all ON public.given_answer TO crimebook_eraser USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: given_answer; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.given_answer ENABLE ROW LEVEL SECURITY;

--
-- Name: mapping_version; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.mapping_version ENABLE ROW LEVEL SECURITY;

--
-- Name: access of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.access FOR SELECT TO crimebook_every_force USING (true);

--
-- Name: access_end of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.access_end FOR SELECT TO crimebook_every_force USING (true);

--
-- Name: category_tally of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.category_tally TO crimebook_every_force USING (true);

--
-- Name: coverage of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.coverage TO crimebook_every_force USING (true);

--
-- Name: coverage_now of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.coverage_now TO crimebook_every_force USING (true);

--
-- Name: erasure of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.erasure TO crimebook_every_force USING (true);

--
-- Name: given_answer of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.given_answer TO crimebook_every_force USING (true);

--
-- Name: mapping_version of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.mapping_version TO crimebook_every_force USING (true);

--
-- Name: offence_personal_digest of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.offence_personal_digest TO crimebook_every_force USING (true);

--
-- Name: offence_version of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.offence_version TO crimebook_every_force USING (true);

--
-- Name: operation_tag of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.operation_tag TO crimebook_every_force USING (true);

--
-- Name: peer_group_version of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.peer_group_version TO crimebook_every_force USING (true);

--
-- Name: seal_leaf of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.seal_leaf TO crimebook_every_force USING (true);

--
-- Name: street_record_version of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.street_record_version TO crimebook_every_force USING (true);

--
-- Name: street_submission of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.street_submission FOR SELECT TO crimebook_every_force USING (true);

--
-- Name: street_submission_fault of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.street_submission_fault FOR SELECT TO crimebook_every_force USING (true);

--
-- Name: street_submission_file of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.street_submission_file TO crimebook_every_force USING (true);

--
-- Name: submission of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.submission TO crimebook_every_force USING (true);

--
-- Name: submission_fault of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.submission_fault TO crimebook_every_force USING (true);

--
-- Name: submission_replaced of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.submission_replaced TO crimebook_every_force USING (true);

--
-- Name: tally of_every_force; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_every_force ON public.tally TO crimebook_every_force USING (true);

--
-- Name: given_answer of_its_caller; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_its_caller ON public.given_answer TO crimebook_service USING ((caller = current_setting('crimebook.caller'::text, true)));

--
-- Name: street_submission_fault of_its_caller; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_its_caller ON public.street_submission_fault FOR SELECT TO crimebook_service USING ((caller = current_setting('crimebook.caller'::text, true)));

--
-- Name: street_submission of_its_forces_and_its_caller; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_its_forces_and_its_caller ON public.street_submission FOR SELECT TO crimebook_service USING (((forces && string_to_array(current_setting('crimebook.forces'::text, true), ','::text)) OR (caller = current_setting('crimebook.caller'::text, true))));

--
-- Name: access of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.access FOR SELECT TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: access_end of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.access_end FOR SELECT TO crimebook_one_force USING ((access_force = current_setting('crimebook.forces'::text, true)));

--
-- Name: erasure of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.erasure TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: mapping_version of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.mapping_version TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: offence_personal_digest of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.offence_personal_digest TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: offence_version of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.offence_version TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: operation_tag of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.operation_tag TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: street_record_version of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.street_record_version TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: street_submission_file of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.street_submission_file TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: submission of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.submission TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: submission_fault of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.submission_fault TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: submission_replaced of_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_own_forces ON public.submission_replaced TO crimebook_eraser, crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: access of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.access FOR SELECT TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: access_end of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.access_end FOR SELECT TO crimebook_some_forces USING ((access_force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: category_tally of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.category_tally TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: coverage of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.coverage TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: coverage_now of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.coverage_now TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: erasure of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.erasure TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: mapping_version of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.mapping_version TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: offence_personal_digest of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.offence_personal_digest TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: offence_version of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.offence_version TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: operation_tag of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.operation_tag TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: peer_group_version of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.peer_group_version TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: street_record_version of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.street_record_version TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: street_submission_file of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.street_submission_file TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: submission of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.submission TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: submission_fault of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.submission_fault TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: submission_replaced of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.submission_replaced TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: tally of_some_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY of_some_forces ON public.tally TO crimebook_some_forces USING ((force = ANY (string_to_array(current_setting('crimebook.forces'::text, true), ','::text))));

--
-- Name: offence_personal_digest; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.offence_personal_digest ENABLE ROW LEVEL SECURITY;

--
-- Name: offence_version; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.offence_version ENABLE ROW LEVEL SECURITY;

--
-- Name: operation_tag; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.operation_tag ENABLE ROW LEVEL SECURITY;

--
-- Name: peer_group_version; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.peer_group_version ENABLE ROW LEVEL SECURITY;

--
-- Name: seal_leaf; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.seal_leaf ENABLE ROW LEVEL SECURITY;

--
-- Name: category_tally seen_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY seen_by_all ON public.category_tally FOR SELECT TO crimebook_service USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: coverage seen_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY seen_by_all ON public.coverage FOR SELECT TO crimebook_service USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: coverage_now seen_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY seen_by_all ON public.coverage_now FOR SELECT TO crimebook_service USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: peer_group_version seen_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY seen_by_all ON public.peer_group_version FOR SELECT TO crimebook_service USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: tally seen_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY seen_by_all ON public.tally FOR SELECT TO crimebook_service USING ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: street_record_version; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.street_record_version ENABLE ROW LEVEL SECURITY;

--
-- Name: street_submission; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.street_submission ENABLE ROW LEVEL SECURITY;

--
-- Name: street_submission_fault; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.street_submission_fault ENABLE ROW LEVEL SECURITY;

--
-- Name: street_submission_file; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.street_submission_file ENABLE ROW LEVEL SECURITY;

--
-- Name: submission; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.submission ENABLE ROW LEVEL SECURITY;

--
-- Name: submission_fault; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.submission_fault ENABLE ROW LEVEL SECURITY;

--
-- Name: submission_replaced; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.submission_replaced ENABLE ROW LEVEL SECURITY;

--
-- Name: tally; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.tally ENABLE ROW LEVEL SECURITY;

--
-- Name: access written_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_by_all ON public.access FOR INSERT TO crimebook_service WITH CHECK (true);

--
-- Name: access_end written_by_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_by_all ON public.access_end FOR INSERT TO crimebook_service WITH CHECK (true);

--
-- Name: street_submission written_by_whoever_asks; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_by_whoever_asks ON public.street_submission FOR INSERT TO crimebook_service WITH CHECK ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: street_submission_fault written_by_whoever_asks; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_by_whoever_asks ON public.street_submission_fault FOR INSERT TO crimebook_service WITH CHECK ((current_setting('crimebook.forces'::text, true) <> ''::text));

--
-- Name: category_tally written_for_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_for_own_forces ON public.category_tally TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: coverage written_for_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_for_own_forces ON public.coverage TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: coverage_now written_for_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_for_own_forces ON public.coverage_now TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: peer_group_version written_for_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_for_own_forces ON public.peer_group_version TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: tally written_for_own_forces; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY written_for_own_forces ON public.tally TO crimebook_one_force USING ((force = current_setting('crimebook.forces'::text, true)));

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO crimebook_service;
GRANT USAGE ON SCHEMA public TO crimebook_eraser;

--
-- Name: FUNCTION covered_at(as_of bigint); Type: ACL; Schema: public; Owner: -
--

GRANT ALL ON FUNCTION public.covered_at(as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION month_of(day date); Type: ACL; Schema: public; Owner: -
--

GRANT ALL ON FUNCTION public.month_of(day date) TO crimebook_service;

--
-- Name: FUNCTION offence_became(erased boolean, cancelled boolean, reclassified boolean); Type: ACL; Schema: public; Owner: -
--

GRANT ALL ON FUNCTION public.offence_became(erased boolean, cancelled boolean, reclassified boolean) TO crimebook_service;

--
-- Name: FUNCTION outcomes_counted(areas text[], first date, last date, basis text, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.outcomes_counted(areas text[], first date, last date, basis text, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.outcomes_counted(areas text[], first date, last date, basis text, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION reclassifications_counted(areas text[], category text, first date, last date, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.reclassifications_counted(areas text[], category text, first date, last date, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reclassifications_counted(areas text[], category text, first date, last date, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION recorded_by_force(force text, first date, last date, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.recorded_by_force(force text, first date, last date, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.recorded_by_force(force text, first date, last date, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION recorded_by_month(areas text[], first date, last date, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.recorded_by_month(areas text[], first date, last date, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.recorded_by_month(areas text[], first date, last date, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION release_parts(release_id uuid, known bigint, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.release_parts(release_id uuid, known bigint, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_parts(release_id uuid, known bigint, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION said_of_records_within(areas text[], category text, first date, last date, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.said_of_records_within(areas text[], category text, first date, last date, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.said_of_records_within(areas text[], category text, first date, last date, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION street_crimes_counted(of_force text, of_area text, from_month date, to_month date, of_type text, as_of bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.street_crimes_counted(of_force text, of_area text, from_month date, to_month date, of_type text, as_of bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.street_crimes_counted(of_force text, of_area text, from_month date, to_month date, of_type text, as_of bigint) TO crimebook_service;

--
-- Name: FUNCTION was_transferred(offence_id uuid, force text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.was_transferred(offence_id uuid, force text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.was_transferred(offence_id uuid, force text) TO crimebook_service;

--
-- Name: TABLE access; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.access TO crimebook_service;

--
-- Name: TABLE access_end; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.access_end TO crimebook_service;

--
-- Name: TABLE area_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.area_version TO crimebook_service;

--
-- Name: COLUMN area_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.area_version TO crimebook_service;

--
-- Name: TABLE area; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.area TO crimebook_service;

--
-- Name: TABLE area_ancestor; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.area_ancestor TO crimebook_service;

--
-- Name: COLUMN area_ancestor.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.area_ancestor TO crimebook_service;

--
-- Name: TABLE built_in_measure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.built_in_measure TO crimebook_service;

--
-- Name: TABLE caller; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.caller TO crimebook_service;

--
-- Name: COLUMN caller.revoked_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(revoked_change) ON TABLE public.caller TO crimebook_service;

--
-- Name: TABLE caller_key_use; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.caller_key_use TO crimebook_service;

--
-- Name: COLUMN caller_key_use.used_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(used_at) ON TABLE public.caller_key_use TO crimebook_service;

--
-- Name: TABLE caller_key_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.caller_key_version TO crimebook_service;

--
-- Name: COLUMN caller_key_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.caller_key_version TO crimebook_service;

--
-- Name: TABLE category_code; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.category_code TO crimebook_service;

--
-- Name: TABLE category_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.category_version TO crimebook_service;

--
-- Name: COLUMN category_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.category_version TO crimebook_service;

--
-- Name: TABLE known_code; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.known_code TO crimebook_service;

--
-- Name: TABLE category_member_now; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.category_member_now TO crimebook_service;

--
-- Name: TABLE category_tally; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.category_tally TO crimebook_service;

--
-- Name: COLUMN category_tally.offences; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(offences) ON TABLE public.category_tally TO crimebook_service;

--
-- Name: COLUMN category_tally.victims; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(victims) ON TABLE public.category_tally TO crimebook_service;

--
-- Name: TABLE change; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.change TO crimebook_service;

--
-- Name: TABLE code_period; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.code_period TO crimebook_service;

--
-- Name: TABLE code_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.code_version TO crimebook_service;

--
-- Name: COLUMN code_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.code_version TO crimebook_service;

--
-- Name: TABLE coverage; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.coverage TO crimebook_service;

--
-- Name: TABLE coverage_now; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.coverage_now TO crimebook_service;

--
-- Name: COLUMN coverage_now.days; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(days) ON TABLE public.coverage_now TO crimebook_service;

--
-- Name: TABLE erasure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.erasure TO crimebook_service;

--
-- Name: TABLE given_answer; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.given_answer TO crimebook_service;
GRANT SELECT,DELETE ON TABLE public.given_answer TO crimebook_eraser;

--
-- Name: COLUMN given_answer.at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(at) ON TABLE public.given_answer TO crimebook_service;

--
-- Name: COLUMN given_answer.body; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(body) ON TABLE public.given_answer TO crimebook_service;

--
-- Name: COLUMN given_answer.fingerprint; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(fingerprint) ON TABLE public.given_answer TO crimebook_service;

--
-- Name: COLUMN given_answer.headers; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(headers) ON TABLE public.given_answer TO crimebook_service;

--
-- Name: COLUMN given_answer.status; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(status) ON TABLE public.given_answer TO crimebook_service;

--
-- Name: TABLE household_count; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.household_count TO crimebook_service;

--
-- Name: COLUMN household_count.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.household_count TO crimebook_service;

--
-- Name: TABLE known_area; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.known_area TO crimebook_service;

--
-- Name: TABLE known_category; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.known_category TO crimebook_service;

--
-- Name: TABLE known_measure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.known_measure TO crimebook_service;

--
-- Name: TABLE mapping_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.mapping_version TO crimebook_service;

--
-- Name: COLUMN mapping_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.mapping_version TO crimebook_service;

--
-- Name: TABLE measure_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.measure_version TO crimebook_service;

--
-- Name: COLUMN measure_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.measure_version TO crimebook_service;

--
-- Name: TABLE observation_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.observation_version TO crimebook_service;

--
-- Name: COLUMN observation_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.observation_version TO crimebook_service;

--
-- Name: TABLE offence_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.offence_version TO crimebook_service;
GRANT SELECT ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: COLUMN offence_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.offence_version TO crimebook_service;

--
-- Name: COLUMN offence_version.location; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(location) ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: COLUMN offence_version.decided_by; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(decided_by) ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: COLUMN offence_version.erased_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(erased_change) ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: COLUMN offence_version.reason; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(reason) ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: COLUMN offence_version.recorded_by; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(recorded_by) ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: COLUMN offence_version.reported_by; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(reported_by) ON TABLE public.offence_version TO crimebook_eraser;

--
-- Name: TABLE offence; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.offence TO crimebook_service;

--
-- Name: TABLE offence_personal_digest; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.offence_personal_digest TO crimebook_service;
GRANT SELECT ON TABLE public.offence_personal_digest TO crimebook_eraser;

--
-- Name: COLUMN offence_personal_digest.salt; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(salt) ON TABLE public.offence_personal_digest TO crimebook_eraser;

--
-- Name: TABLE operation_tag; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.operation_tag TO crimebook_service;

--
-- Name: COLUMN operation_tag.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.operation_tag TO crimebook_service;

--
-- Name: TABLE operation_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.operation_version TO crimebook_service;

--
-- Name: COLUMN operation_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.operation_version TO crimebook_service;

--
-- Name: TABLE outcome_type; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.outcome_type TO crimebook_service;

--
-- Name: TABLE peer_group_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.peer_group_version TO crimebook_service;

--
-- Name: COLUMN peer_group_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.peer_group_version TO crimebook_service;

--
-- Name: TABLE population; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.population TO crimebook_service;

--
-- Name: COLUMN population.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.population TO crimebook_service;

--
-- Name: TABLE positive_outcome; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.positive_outcome TO crimebook_service;

--
-- Name: TABLE rate_withheld; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.rate_withheld TO crimebook_service;

--
-- Name: TABLE release; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.release TO crimebook_service;

--
-- Name: TABLE release_definition; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.release_definition TO crimebook_service;

--
-- Name: TABLE release_figure; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.release_figure TO crimebook_service;

--
-- Name: TABLE return; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.return TO crimebook_service;

--
-- Name: TABLE return_cell; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.return_cell TO crimebook_service;

--
-- Name: TABLE return_fault; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.return_fault TO crimebook_service;

--
-- Name: TABLE return_outcome_cell; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.return_outcome_cell TO crimebook_service;

--
-- Name: TABLE return_wording; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.return_wording TO crimebook_service;

--
-- Name: TABLE schema_checksum; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.schema_checksum TO crimebook_service;

--
-- Name: TABLE seal; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.seal TO crimebook_service;

--
-- Name: TABLE street_record_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.street_record_version TO crimebook_service;

--
-- Name: COLUMN street_record_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.street_record_version TO crimebook_service;

--
-- Name: TABLE target_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.target_version TO crimebook_service;

--
-- Name: COLUMN target_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.target_version TO crimebook_service;

--
-- Name: TABLE seal_closing_of_first_nouns; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.seal_closing_of_first_nouns TO crimebook_service;

--
-- Name: TABLE series_break_version; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.series_break_version TO crimebook_service;

--
-- Name: COLUMN series_break_version.until_change; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(until_change) ON TABLE public.series_break_version TO crimebook_service;

--
-- Name: TABLE seal_closing; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.seal_closing TO crimebook_service;

--
-- Name: TABLE street_submission; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.street_submission TO crimebook_service;

--
-- Name: TABLE street_submission_file; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.street_submission_file TO crimebook_service;

--
-- Name: TABLE submission; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.submission TO crimebook_service;

--
-- Name: TABLE seal_opening_of_first_nouns; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.seal_opening_of_first_nouns TO crimebook_service;

--
-- Name: TABLE severity_weight; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.severity_weight TO crimebook_service;

--
-- Name: TABLE seal_opening; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.seal_opening TO crimebook_service;

--
-- Name: TABLE seal_entry; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.seal_entry TO crimebook_service;

--
-- Name: TABLE seal_leaf; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.seal_leaf TO crimebook_service;

--
-- Name: TABLE seal_node; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.seal_node TO crimebook_service;

--
-- Name: TABLE seal_subtree; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.seal_subtree TO crimebook_service;

--
-- Name: TABLE street_crime_type; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.street_crime_type TO crimebook_service;

--
-- Name: TABLE street_submission_fault; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.street_submission_fault TO crimebook_service;

--
-- Name: TABLE submission_fault; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.submission_fault TO crimebook_service;

--
-- Name: TABLE submission_replaced; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.submission_replaced TO crimebook_service;

--
-- Name: TABLE tally; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,DELETE ON TABLE public.tally TO crimebook_service;

--
-- Name: COLUMN tally.offences; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(offences) ON TABLE public.tally TO crimebook_service;

--
-- Name: COLUMN tally.victims; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(victims) ON TABLE public.tally TO crimebook_service;

--
-- Name: TABLE tally_by_category; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.tally_by_category TO crimebook_service;

--
-- Name: TABLE target_shown; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.target_shown TO crimebook_service;

--
-- Name: TABLE withheld_mark; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.withheld_mark TO crimebook_service;
