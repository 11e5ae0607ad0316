-- Takes in a record of another region's catalogue as it is; for the operator, who copies one. Its sources may be gone.
create or replace function import_record(kind text, record jsonb) returns jsonb language plpgsql
set search_path = images, pg_temp as $$
declare
  owner accounts;
  imported jsonb;
begin
  record := jsonb_strip_top(record);
  perform check_shape(kind, record);
  select * into owner from accounts where region = record ->> 'region' and name = record ->> 'account';
  if not found then
    perform refuse('absent', format(
      'region %s has no account %s', record ->> 'region', record ->> 'account'));
  elsif record ->> 'status' = 'creating' then
    perform refuse('source-not-active', format('%s %s isn''t finished', kind, record ->> 'id'));
  end if;
  if kind = 'share' then
    perform check_new_share(owner, record);
  end if;
  perform lock_places(owner.id);
  imported := put_record(kind, owner, record, (record ->> 'createdAt')::timestamptz, null);
  perform note('import', kind, record ->> 'id', title(kind, record), owner.id, record -> 'origin' ->> 'declaredBy');
  return imported;
end $$;

-- Takes in what is known of a master key, as it is; its secret material goes from vault to vault.
create or replace function import_master_key(given jsonb) returns jsonb language plpgsql
set search_path = images, pg_temp as $$
declare
  owner accounts;
  imported master_keys;
begin
  select * into owner from accounts where region = given ->> 'region' and name = given ->> 'account';
  if not found then
    perform refuse('absent', format('region %s has no account %s', given ->> 'region', given ->> 'account'));
  end if;
  insert into master_keys values (
    given ->> 'id', owner.region, owner.name, owner.id, given ->> 'name', (given -> 'isDefault')::boolean,
    given ->> 'purpose', (given -> 'disabled')::boolean, (given -> 'version')::int,
    (given ->> 'createdAt')::timestamptz, (given ->> 'deletedAt')::timestamptz,
    coalesce((given -> 'destroyed')::boolean, false)
  ) returning * into imported;
  perform note('import', 'key', imported.id, imported.name, owner.id, null);
  return as_key(imported);
end $$;
