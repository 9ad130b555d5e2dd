-- Up Migration

create schema if not exists lsh;
comment on schema lsh is 'Locality-sensitive hashing over pgvector columns.';

create schema lsh_index;
comment on schema lsh_index is 'Code tables, one for each row of lsh.index and of the same name.';

create table lsh.family (
  id int generated always as identity primary key,
  name text not null unique,
  kind text not null check (kind in ('kernel')),
  dims int not null check (dims between 1 and 16000),
  bits int not null check (bits between 16 and 8192),
  seed int not null,
  bandwidth float8 not null check (bandwidth > 0 and bandwidth < 'infinity'),
  center vector not null,
  bucket_bits int not null check (bucket_bits between 0 and 16),
  calibration jsonb not null,
  version int not null,
  checksum text not null,
  created_at timestamptz not null default now()
);

comment on table lsh.family is 'Hash families: immutable, one row for each draw of random directions.';
comment on column lsh.family.bandwidth is 'gamma of the kernel exp(-gamma |x - y|^2 / 2), in 1 / squared units of the vectors.';
comment on column lsh.family.center is 'Mean of the calibration sample, subtracted before projecting: it changes no kernel value but keeps 4-byte sums exact.';
comment on column lsh.family.bucket_bits is 'Vectors fall into 2^bucket_bits buckets.';
comment on column lsh.family.calibration is 'Figures the bandwidth was chosen from, as lsh.calibrate returned them, and the relation they were measured on.';
comment on column lsh.family.version is 'Version of the algorithm that drew the parameters.';
comment on column lsh.family.checksum is 'sha256 over all parameters, as lsh.family_checksum computes it.';

create table lsh.projection (
  family_id int not null references lsh.family on delete cascade,
  purpose text not null check (purpose in ('code', 'bucket')),
  ordinal int not null,
  weight vector not null,
  phase float8 not null,
  threshold float8 not null,
  primary key (family_id, purpose, ordinal)
);

-- A projection of 512 or more dimensions would go out of line, which makes encoding ten times slower.
alter table lsh.projection alter column weight set storage main;

comment on table lsh.projection is 'The directions of a family: those of code bits and those of bucket bits.';
comment on column lsh.projection.phase is 'b of cos(<w, x> + b) + t, in radians; 0 for bucket bits.';
comment on column lsh.projection.threshold is 't of cos(<w, x> + b) + t; for bucket bits the balancing offset of <w, x> + t.';

create table lsh.index (
  id int generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z_][a-z0-9_]{0,62}$'),
  relation regclass not null,
  key_column name not null,
  vector_column name not null,
  family_id int not null references lsh.family,
  maintain text not null check (maintain in ('trigger', 'loader')),
  probes int not null check (probes > 0),
  candidates int not null check (candidates > 0),
  created_at timestamptz not null default now()
);

create index on lsh.index (relation);
create index on lsh.index (family_id);

comment on table lsh.index is 'Code tables and what they stand for: lsh_index.<name> holds a code for each row of relation.';
comment on column lsh.index.maintain is 'trigger: kept in step by triggers on relation; loader: whoever writes relation writes the codes.';
comment on column lsh.index.probes is 'Buckets that lsh.search visits unless told otherwise.';
comment on column lsh.index.candidates is 'Codes that lsh.search re-ranks by exact distance unless told otherwise.';

-- Down Migration

drop schema lsh_index cascade;
drop schema lsh cascade;
