-- migrate:up

-- What each file of the schema was when this book applied it. A file that is not what it was is
-- refused, by whoever migrates and by a process that is to serve.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table schema_checksum (
    version text not null,
    sha256  text not null,
    constraint schema_checksum_is_kept_once primary key (version),
    constraint schema_checksum_is_sha256 check (sha256 ~ '^[0-9a-f]{64}$')
);
comment on table schema_checksum is
    'The SHA-256 of each file of service/store/schema that is applied here, by the number it '
    'begins with.';
grant select on schema_checksum to crimebook_service;

-- migrate:down
