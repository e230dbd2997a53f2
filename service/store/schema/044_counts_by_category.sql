-- migrate:up

-- A year of a force by category had to add up the months of every code that its categories hold, three years of them for over-dispersion: the
-- more a book held, the more codes each month had. Counted by category too, a figure reads as many rows whatever lies behind them.
create table category_tally (
    force           text   not null,
    area            text   not null,
    category        text   not null,
    month           date   not null,
    offences        int    not null,
    victims         int    not null,
    constraint category_tally_counts_a_cell_once primary key (force, area, category, month),
    constraint category_tally_is_not_negative check (offences >= 0 and victims >= 0)
);
create index category_tally_by_area on category_tally (area, category, month) include (force, offences, victims);
comment on table category_tally is 'The tally by category instead of by code, each as it is defined now.';
grant select, insert on category_tally to crimebook_service;
grant update (offences, victims), delete on category_tally to crimebook_service;
alter table category_tally set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
                                autovacuum_analyze_scale_factor = 0.02);

alter table category_tally enable row level security;
create policy seen_by_all on category_tally for select to crimebook_service using ((select current_setting('crimebook.forces', true)) <> '');
create policy written_for_own_forces on category_tally to crimebook_service using (
    (select current_setting('crimebook.forces', true)) = '*'
    or force = any ((select string_to_array(current_setting('crimebook.forces', true), ','))::text[]));

create index category_code_by_code on category_code (code);
create view category_member_now with (security_invoker = true) as
    select category, member.code, coalesce(member.from_on, '-infinity') as from_on, coalesce(member.to_on, 'infinity') as to_on
    from category_version as version join category_code as member using (category, definition)
    where version.until_change is null
    union all
    select version.category, known_code.code, '-infinity', 'infinity'
    from category_version as version cross join known_code
    where version.every_code and version.until_change is null;
comment on view category_member_now is 'The codes of each category as it is defined now, each with the days between which it belongs.';
grant select on category_member_now to crimebook_service;

insert into category_tally (force, area, category, month, offences, victims)
select tally.force, tally.area, member.category, tally.month, sum(tally.offences), sum(tally.victims)
from tally join category_member_now as member on member.code = tally.code and tally.month between member.from_on and member.to_on
group by 1, 2, 3, 4;

-- migrate:down
drop view category_member_now;
drop index category_code_by_code;
drop table category_tally;
