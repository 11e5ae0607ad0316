-- Regions, their accounts and what they offer, as the operator applied them.

create table settings (
  only_row boolean primary key default true check (only_row),
  disks text,
  keys text
);
insert into settings default values;

create table regions (
  name text primary key,
  position int not null
);

create table accounts (
  id int generated always as identity primary key,
  region text not null references regions (name),
  name text not null,
  position int not null,
  -- Whoever is a member of this database role is this account.
  role text not null,
  quota_private_images int not null check (quota_private_images >= 0),
  quota_members_per_image int not null check (quota_members_per_image >= 0),
  quota_accepted_shares int not null check (quota_accepted_shares >= 0),
  quota_snapshots int not null check (quota_snapshots >= 0),
  unique (region, name)
);
create index accounts_of_role on accounts (role);

-- Locked by those who take or give places, one after another, until they commit. It never changes: whoever waits for a
-- row that does has to wait anew, together with all others, each time that it has changed.
create table place_locks (
  account_id int primary key references accounts (id) on delete cascade
);

-- Places taken.
create table places (
  account_id int primary key references accounts (id) on delete cascade,
  private_images int not null default 0 check (private_images >= 0),
  snapshots int not null default 0 check (snapshots >= 0)
);

-- Locked by whoever shares with the account, one after another. No counter: who cancels a share must wait for nobody,
-- and nobody who shares holds up what is the member's own.
create table acceptances (
  account_id int primary key references accounts (id) on delete cascade
);

-- Public and marketplace images.
create table offered_images (
  id text primary key,
  region text not null references regions (name),
  position int not null,
  record jsonb not null
);
