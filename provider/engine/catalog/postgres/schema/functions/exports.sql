-- What exports keep to, beyond what holds for all records.

create or replace function check_new_export(owner accounts, record jsonb) returns void language plpgsql as $$
declare
  image constant jsonb := own_active_image(owner, record ->> 'imageId', 'exported');
begin
  if (image -> 'encrypted')::boolean or image ->> 'imageType' = 'full' then
    perform refuse('cannot-be-exported', format(
      'image %s is %s', image ->> 'id',
      case when (image -> 'encrypted')::boolean then 'encrypted' else 'a full image' end));
  end if;
end $$;

-- The names of an account's export in a bucket are that account's while an export of its has them. Whoever holds a
-- transaction open holds up those only who want the very same name.
create or replace function claim_export_names() returns trigger language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  holder int;
begin
  loop
    insert into export_names (bucket_url, name, file_format, account_id)
    values (new.bucket_url, new.attributes ->> 'name', new.attributes ->> 'fileFormat', new.account_id)
    on conflict do nothing;
    select account_id into holder from export_names
    where bucket_url = new.bucket_url and name = new.attributes ->> 'name'
      and file_format = new.attributes ->> 'fileFormat'
    for no key update;
    -- It may have been given up between the two.
    exit when found;
  end loop;
  if holder <> new.account_id then
    perform refuse('objects-of-another', format(
      'account %s in region %s exports %s there as %s',
      name, region, new.attributes ->> 'name', new.attributes ->> 'fileFormat'))
    from accounts where id = holder;
  end if;
  return null;
end $$;

create or replace function release_export_names() returns trigger language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  -- Then only look: whoever of the account claims them again at the same time holds them until that is seen.
  perform from export_names
  where bucket_url = old.bucket_url and name = old.attributes ->> 'name'
    and file_format = old.attributes ->> 'fileFormat' for update;
  delete from export_names as claim
  where bucket_url = old.bucket_url and name = old.attributes ->> 'name'
    and file_format = old.attributes ->> 'fileFormat'
    and not exists (
      select from exports where exports.bucket_url = claim.bucket_url and attributes ->> 'name' = claim.name
        and attributes ->> 'fileFormat' = claim.file_format and exports.account_id = claim.account_id);
  return null;
end $$;

-- The account, not one of the caller's, whose export has this name there: who claims a name does it by its own, so that
-- others know whom to ask. No more than what an insertion would tell as well.
create or replace function other_exporter(url text, export_name text, format text)
returns table (region text, account text) language sql stable security definer set search_path = images, pg_temp as $$
  select accounts.region, accounts.name from export_names join accounts on accounts.id = account_id
  where bucket_url = url and export_names.name = export_name and file_format = format
    and account_id <> all ((select my_account_ids())::int[])
$$;
