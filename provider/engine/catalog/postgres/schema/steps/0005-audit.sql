-- Every change: who, what, when, and from which declaration. Rows are only ever added.

create table audit (
  sequence bigint generated always as identity primary key,
  at timestamptz(3) not null default clock_timestamp(),
  -- By it a client that lost the answer to its commit finds out what became of that.
  transaction xid8 not null default pg_current_xact_id(),
  login text not null,
  account_id int,
  account text,
  region text,
  action text not null,
  kind text not null,
  id text not null,
  name text,
  declared_by text,
  -- Names of the fields that changed.
  changed text[]
);
create index audit_of_account on audit (account_id, sequence);
create index audit_of_record on audit (kind, id);
