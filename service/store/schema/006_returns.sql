-- migrate:up

-- Official returns: files of counts that somebody published, kept as published. Counts may be negative. Never mixed with records.

create table return (
    return_id       uuid        not null,
    source          text        not null,
    edition         text        not null,
    cells           int         not null,
    change          bigint      not null,
    digest          text        not null,
    first_day       date,
    last_day        date,
    layout          text        not null,
    refused         int         not null default 0,
    title           text        not null,
    total           bigint      not null,
    constraint return_stands_once primary key (return_id),
    constraint return_edition_is_received_once unique (source, edition),
    constraint return_made_a_change foreign key (change) references change,
    constraint return_source_reads_well check (source ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and source <> 'records'),
    constraint return_edition_sorts check (edition ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$')
);
comment on column return.edition is 'When it was published: year, month or day. A later edition supersedes; the earlier stays readable.';
comment on column return.refused is 'Lines that could not be understood; GET /v1/returns/{return_id}/faults lists them.';
comment on constraint return_edition_is_received_once on return is
    'This edition of that source has been received already, with other bytes: give the new file its own edition.';
comment on constraint return_source_reads_well on return is 'A source is lower-case words joined by single hyphens, like home-office-pfa, and not records.';
comment on constraint return_edition_sorts on return is 'An edition is the day, month or year of publication: 2026-04-23, 2026-04 or 2026.';

create table return_cell (
    return_id       uuid   not null,
    area            text   not null,
    category        text,
    code            text,
    count           int    not null,
    from_on         date   not null,
    line            int    not null,
    to_on           date   not null,
    constraint return_cell_stands_once primary key (return_id, line),
    constraint return_cell_belongs_to_a_return foreign key (return_id) references return deferrable initially deferred,
    constraint return_cell_area_is_known foreign key (area) references known_area,
    constraint return_cell_code_is_known foreign key (code) references known_code,
    constraint return_cell_category_is_known foreign key (category) references known_category,
    constraint return_cell_counts_a_code_or_a_category check (num_nonnulls(code, category) = 1),
    constraint return_cell_ends_on_or_after_it_begins check (from_on <= to_on)
);
create unique index return_cell_is_given_once on return_cell (return_id, area, from_on, to_on, coalesce(code, ''), coalesce(category, ''));

create table return_fault (
    return_id       uuid   not null,
    line            int    not null,
    detail          text   not null,
    field           text   not null,
    value           text,
    constraint return_fault_stands_once primary key (return_id, line, field),
    constraint return_fault_belongs_to_a_return foreign key (return_id) references return deferrable initially deferred
);

grant select, insert on return, return_cell, return_fault to crimebook_service;

-- migrate:down
drop table return_fault, return_cell, return;
