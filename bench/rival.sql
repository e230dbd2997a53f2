-- What (c) asks: the present records and their earlier versions in one table, with the indexes that its questions need, and no tally.
create schema rival;
create table rival.offence (
    id bigint generated always as identity primary key,
    offence_id uuid not null, force text not null, area text not null, code text not null, crime_ref text not null, location text,
    committed_from timestamptz not null, committed_to timestamptz, reported_at timestamptz, recorded_at timestamptz, recorded_on date not null,
    outcome text not null, outcome_on date, victims int not null, status text not null, valid_from bigint not null, valid_to bigint
);
insert into rival.offence (offence_id, force, area, code, crime_ref, location, committed_from, committed_to, reported_at, recorded_at, recorded_on,
                           outcome, outcome_on, victims, status, valid_from, valid_to)
select offence_id, force, area, code, crime_ref, location, committed_from, committed_to, reported_at, recorded_at, recorded_on, outcome, outcome_on,
       victims, status, since_change, until_change
from offence_version order by recorded_on;
create unique index on rival.offence (offence_id) where valid_to is null;
create unique index on rival.offence (force, crime_ref) where valid_to is null;
create index on rival.offence (force, recorded_on, offence_id) include (code) where valid_to is null;
create index on rival.offence (recorded_on) include (force, code) where valid_to is null;
create index on rival.offence (force, recorded_on) include (code, valid_from, valid_to);
create table rival.category_code as
select wanted.category, wanted.position, member.code, coalesce(member.from_on, '-infinity') as from_on, coalesce(member.to_on, 'infinity') as to_on
from unnest({categories}::text[]) with ordinality as wanted (category, position) cross join category_member(wanted.category, 2147483647) as member;
create index on rival.category_code (code, category);
create table rival.population as select area, year, residents from population where until_change is null;
analyze rival.offence; analyze rival.category_code; analyze rival.population;
