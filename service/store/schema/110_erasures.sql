-- migrate:up

-- Erasure: what is personal leaves every version of a record; what counts stays, so that no total
-- moves. It is done as crimebook_eraser, which the service becomes for that one statement: in its
-- everyday role it can blank nothing.
create table erasure (
    force      text   not null,
    offence_id uuid   not null,
    authority  text   not null,
    change     bigint not null,
    ground     text   not null,
    versions   int    not null,
    constraint erasure_is_done_once primary key (force, offence_id),
    constraint erasure_made_a_change foreign key (change) references change,
    constraint erasure_force_is_known foreign key (force) references known_area,
    constraint erasure_ground_is_known check (
        ground in ('retention', 'data-subject-request', 'court-order', 'held-unlawfully')),
    constraint erasure_names_its_authority check (authority <> '')
);
create index erasure_by_change on erasure (change, offence_id);
comment on table erasure is
    'What was erased, when, by whose authority and on what ground; never the content.';
comment on column erasure.versions is 'How many versions lost their personal and free-text fields.';
comment on constraint erasure_ground_is_known on erasure is
    'A record is erased for retention, a data-subject-request, a court-order, or because it was '
    'held-unlawfully.';
grant select, insert on erasure to crimebook_service;
alter table erasure enable row level security;
create policy of_own_forces on erasure to crimebook_service, crimebook_eraser using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((
        select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

-- Each code is told its days in the gravest categories once, and a record has only to ask its own
-- code: with the categories looked up for each record it was half a minute for a hundred thousand
-- of them.
create function codes_of_review(first text[], second text[], as_of bigint)
returns table (code text, first_days datemultirange, second_days datemultirange)
language sql stable parallel safe as $$
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
comment on function codes_of_review is
    'On which days does each code lie in a category of the first or the second group of review?';

create function review_group(
    recorded_on date, outcome text, first_days datemultirange, second_days datemultirange
) returns int language sql immutable parallel safe as $$
    select case
        when first_days @> recorded_on then 1
        when second_days @> recorded_on then 2
        when outcome in ('0', '14', '18') then 4
        else 3
    end
$$;
comment on function review_group is
    'By the national retention criteria: 1 public protection, 2 other sexual, violent and serious '
    'crime, 4 undetected, 3 all other.';

-- migrate:down
