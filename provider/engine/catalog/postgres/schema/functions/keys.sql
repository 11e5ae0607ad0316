-- Master keys, and the data keys that they wrap. A disabled key's data keys are handed to nobody.

create or replace function is_enabled(key master_keys) returns boolean language sql stable as $$
  select not key.disabled and not key.destroyed and key.deleted_at is null
$$;

-- Made for whoever names no key, and nothing was sealed by it.
create or replace function is_spare(key master_keys) returns boolean language sql stable as $$
  select key.is_default and key.name = 'default' and not exists (select from data_keys where key_id = key.id)
$$;

create or replace function as_key(key master_keys) returns jsonb language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'id', key.id, 'region', key.region, 'account', key.account, 'name', key.name, 'isDefault', key.is_default,
    'purpose', key.purpose, 'disabled', key.disabled, 'version', key.version, 'createdAt', iso(key.created_at),
    'deletedAt', iso(key.deleted_at), 'destroyed', nullif(key.destroyed, false)))
$$;

create or replace function wrapped_field(of_kind text, of_id text) returns jsonb language plpgsql volatile as $$
begin
  return (
    select coalesce((
      select jsonb_build_object('wrappedKey', wrapped.wrapped_key)
      from data_keys as wrapped join master_keys as key on key.id = wrapped.key_id
      where wrapped.kind = of_kind and record_id = of_id and is_enabled(key)
    ), '{}')
  );
end $$;

-- A key that something of the account's is to be sealed by.
create or replace function check_key(owner accounts, of_id text) returns void language plpgsql as $$
declare
  key master_keys;
begin
  if of_id is null then
    return;
  end if;
  select * into key from master_keys where id = of_id and account_id = owner.id for key share;
  if not found or not is_enabled(key) then
    perform refuse('key-unusable', format('account %s has no master key %s that is enabled', owner.name, of_id));
  end if;
end $$;

create or replace function put_wrapped_key(of_kind text, owner accounts, of_id text, key_of_record text, wrapped text)
returns void language plpgsql as $$
begin
  if wrapped is null then
    delete from data_keys where kind = of_kind and record_id = of_id;
    return;
  elsif split_part(wrapped, '.', 2) is distinct from key_of_record then
    perform refuse('key-unusable', format('the data key of %s %s isn''t wrapped by its master key', of_kind, of_id));
  end if;
  insert into data_keys (kind, record_id, account_id, key_id, wrapped_key)
  values (of_kind, of_id, owner.id, key_of_record, wrapped)
  on conflict (kind, record_id) do update set key_id = excluded.key_id, wrapped_key = excluded.wrapped_key;
end $$;

-- The caller's master keys, those that seal disks included.
create or replace function master_key_list() returns setof jsonb language sql stable security definer
set search_path = images, pg_temp as $$
  select as_key(key) from master_keys as key
  where account_id = any ((select my_account_ids())::int[]) order by created_at, id
$$;

-- A master key of the caller's, or one that seals a disk that it sees.
create or replace function master_key(of_id text) returns jsonb language sql stable security definer
set search_path = images, pg_temp as $$
  select as_key(key) from master_keys as key where id = of_id and (
    account_id = any ((select my_account_ids())::int[])
    or purpose = 'sealing' and exists (
      select from shares join accounts as owner on owner.id = shares.account_id
      where member_account_id = any ((select my_account_ids())::int[]) and shares.account_id = key.account_id)
    or purpose = 'sealing' and exists (
      select from disk_references as named join contents on contents.id = named.disk_id
      where named.account_id = any ((select my_account_ids())::int[]) and contents.account_id = key.account_id)
    or purpose = 'sealing' and account = '@operator'
  )
$$;

-- One change of the caller's keys at a time, until the transaction ends.
create or replace function lock_master_keys() returns void language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  perform check_isolation();
  perform from accounts where id = any ((select my_account_ids())::int[]) order by id for no key update;
end $$;

-- Makes or changes a master key of the caller's; returns it as it is kept.
create or replace function put_master_key(given jsonb) returns jsonb language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  return put_key(own_account(given ->> 'region', given ->> 'account'), given);
end $$;

-- One of any account: for the operator. A default one that is copied takes the place of a spare one.
create or replace function put_account_key(given jsonb) returns jsonb language plpgsql
set search_path = images, pg_temp as $$
declare
  spare master_keys;
begin
  for spare in
    update master_keys as key set is_default = false
    where (given -> 'isDefault')::boolean and region = given ->> 'region' and account = given ->> 'account'
      and id <> given ->> 'id' and is_spare(key)
    returning *
  loop
    perform note('update', 'key', spare.id, spare.name, spare.account_id, null, array['isDefault']);
  end loop;
  return put_key(account_named(given ->> 'region', given ->> 'account'), given);
end $$;

create or replace function put_key(owner accounts, given jsonb) returns jsonb language plpgsql as $$
declare
  before master_keys;
  after master_keys;
begin
  perform check_isolation();
  select * into before from master_keys where id = given ->> 'id' for update;
  if not found then
    if not is_line(given -> 'name', 128) then
      perform refuse('malformed', 'this is no name of a master key');
    end if;
    insert into master_keys values (
      given ->> 'id', owner.region, owner.name, owner.id, given ->> 'name', (given -> 'isDefault')::boolean,
      given ->> 'purpose', (given -> 'disabled')::boolean, 1, clock_timestamp()
    ) returning * into after;
    perform note('insert', 'key', after.id, after.name, owner.id, null);
    return as_key(after);
  elsif before.account_id <> owner.id then
    perform refuse('not-yours', format('there is another master key %s', before.id));
  end if;
  after := before;
  after.disabled := (given -> 'disabled')::boolean;
  after.version := (given -> 'version')::int;
  after.deleted_at := (given ->> 'deletedAt')::timestamptz;
  after.destroyed := coalesce((given -> 'destroyed')::boolean, false);
  perform check_changed_key(before, after);
  update master_keys set disabled = after.disabled, version = after.version, deleted_at = after.deleted_at,
    destroyed = after.destroyed where id = before.id;
  if before is distinct from after then
    perform note('update', 'key', after.id, after.name, owner.id, null, differing(as_key(before), as_key(after)));
  end if;
  return as_key(after);
exception when unique_violation then
  perform refuse('key-default-taken', format('account %s has a default key already', owner.name));
end $$;

create or replace function check_changed_key(before master_keys, after master_keys) returns void
language plpgsql as $$
begin
  if after.version not in (before.version, before.version + 1) or before.destroyed and not after.destroyed then
    perform refuse('never-changes', format('master key %s doesn''t go back', before.id));
  elsif after.destroyed and not before.destroyed and before.deleted_at is null then
    perform refuse('key-not-due', format('the deletion of master key %s isn''t scheduled', before.id));
  elsif before.purpose = 'sealing'
    and (after.disabled and before.account <> '@operator' or after.deleted_at is not null) then
    perform refuse('key-seals-disks', format('master key %s seals the disks of account %s', before.id, before.account));
  end if;
end $$;

-- What the caller has sealed by a key: `kind` is image, instance, volume or object.
create or replace function wrapped_by(of_key text) returns table (kind text, id text, wrapped_key text) language sql
stable security definer set search_path = images, pg_temp as $$
  select wrapped.kind, record_id, wrapped.wrapped_key
  from data_keys as wrapped join master_keys as key on key.id = key_id
  where key_id = of_key and wrapped.account_id = any ((select my_account_ids())::int[]) and is_enabled(key)
  union all
  select 'object', objects.id, objects.wrapped_key
  from objects join master_keys as key on key.id = split_part(objects.wrapped_key, '.', 2)
  where key.id = of_key and objects.account_id = any ((select my_account_ids())::int[]) and is_enabled(key)
$$;

-- Puts a data key wrapped anew in the place of what was read, where that still stands; tells whether it is there.
create or replace function rewrap(of_kind text, of_id text, old_wrapped text, new_wrapped text) returns boolean
language plpgsql security definer set search_path = images, pg_temp as $$
begin
  perform check_isolation();
  if split_part(old_wrapped, '.', 2) <> split_part(new_wrapped, '.', 2) then
    perform refuse('key-unusable', 'a data key stays with its master key');
  end if;
  if of_kind = 'object' then
    update objects set wrapped_key = new_wrapped
    where id = of_id and wrapped_key in (old_wrapped, new_wrapped) and account_id = any ((select my_account_ids())::int[]);
  else
    update data_keys set wrapped_key = new_wrapped
    where kind = of_kind and record_id = of_id and wrapped_key in (old_wrapped, new_wrapped)
      and account_id = any ((select my_account_ids())::int[]);
  end if;
  return found;
end $$;
