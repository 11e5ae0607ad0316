-- What is known of master keys; their secret material is in the vault.

create table master_keys (
  id text primary key check (id ~ '^key-[0-9a-f]{12}$'),
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  name text not null,
  is_default boolean not null,
  purpose text check (purpose = 'sealing'),
  disabled boolean not null,
  version int not null check (version >= 1),
  created_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  destroyed boolean not null default false
);
create index master_keys_of_account on master_keys (account_id);
create unique index one_default_key on master_keys (account_id) where is_default and not destroyed;
create unique index one_sealing_key on master_keys (account_id) where purpose = 'sealing';

-- Data keys of encrypted records, wrapped. `key_id` stands in the wrapped text as well.
create table data_keys (
  kind text not null check (kind in ('image', 'instance', 'volume')),
  record_id text not null,
  account_id int not null,
  key_id text not null references master_keys (id),
  wrapped_key text not null check (length(wrapped_key) <= 4000),
  primary key (kind, record_id)
);
create index wrapped_by_key on data_keys (key_id);
