-- migrate:up

-- Which group a record is reviewed with was looked up in the categories anew for each record: half a minute for a hundred thousand of them.
-- So each code is told its days in the gravest categories once, and a record has only to ask its own code.
create function codes_of_review(first text[], second text[], as_of bigint)
returns table (code text, first_days datemultirange, second_days datemultirange) language sql stable parallel safe as $$
    select member.code, range_agg(daterange(member.from_on, member.to_on, '[]')) filter (where place = 1),
           range_agg(daterange(member.from_on, member.to_on, '[]')) filter (where place = 2)
    from (select 1 as place, unnest(codes_of_review.first) as category union all select 2, unnest(codes_of_review.second)) as grouped
    cross join category_member(grouped.category, codes_of_review.as_of) as member
    group by 1
$$;
comment on function codes_of_review is 'On which days does each code lie in a category of the first or the second group of review?';

drop function review_group;
create function review_group(recorded_on date, outcome text, first_days datemultirange, second_days datemultirange) returns int
language sql immutable parallel safe as $$
    select case when first_days @> recorded_on then 1 when second_days @> recorded_on then 2 when outcome in ('0', '14', '18') then 4 else 3 end
$$;
comment on function review_group is
    'By the national retention criteria: 1 public protection, 2 other sexual, violent and serious crime, 4 undetected, 3 all other.';

-- migrate:down
drop function review_group;
drop function codes_of_review;
create function review_group(code text, recorded_on date, outcome text, first text[], second text[], as_of bigint) returns int
language sql stable parallel safe as $$
    select case when min(place) is not null then min(place) when review_group.outcome in ('0', '14', '18') then 4 else 3 end
    from (select 1 as place, unnest(review_group.first) as category union all select 2, unnest(review_group.second)) as grouped
    cross join category_member(grouped.category, review_group.as_of) as member
    where member.code = review_group.code and coalesce(member.from_on, '-infinity') <= review_group.recorded_on
      and coalesce(member.to_on, 'infinity') >= review_group.recorded_on
$$;
