-- migrate:up

-- Each correction rewrites some ninety counts. With counts in an index every rewriting made new entries in all of them; now a count that is
-- rewritten stays on its page, which has room for it, and the page is swept when it is next rewritten.
alter table category_tally drop constraint category_tally_counts_a_cell_once;
drop index category_tally_by_area;
alter table category_tally add constraint category_tally_counts_a_cell_once primary key (area, category, month, force);
alter table category_tally set (fillfactor = 75);

alter table tally drop constraint tally_counts_a_cell_once;
drop index tally_by_area;
alter table tally add constraint tally_counts_a_cell_once primary key (area, month, code, force);
alter table tally set (fillfactor = 75);

-- One change is never looked up beside all records of its force, whatever statistics say of the changes before it.
drop index offence_closed;
create index offence_closed on offence_version (until_change, force) where until_change is not null;
drop index offence_opened;
create index offence_opened on offence_version (since_change, force);

-- migrate:down
drop index offence_opened;
create index offence_opened on offence_version (since_change);
drop index offence_closed;
create index offence_closed on offence_version (until_change) where until_change is not null;

alter table tally reset (fillfactor);
alter table tally drop constraint tally_counts_a_cell_once;
alter table tally add constraint tally_counts_a_cell_once primary key (force, area, month, code);
create index tally_by_area on tally (area, month, code) include (force, offences, victims);

alter table category_tally reset (fillfactor);
alter table category_tally drop constraint category_tally_counts_a_cell_once;
alter table category_tally add constraint category_tally_counts_a_cell_once primary key (force, area, category, month);
create index category_tally_by_area on category_tally (area, category, month) include (force, offences, victims);
