-- What the operator applied, and who may know it.

-- Regions with the caller's own accounts and, of others, what sharing with them needs; offered images, where disks and
-- keys are, and which keys seal the caller's disks. The operator is told all of every account. Others are many and
-- come as lines of text, a name and how many shares it accepts: arrays take twice as long, an object for each twenty
-- times.
create or replace function settings() returns jsonb language sql stable security definer
set search_path = images, pg_temp as $$
  -- Worked out once, not for each account.
  with asker as materialized (select my_account_ids() as accounts, is_operator() as is_operator)
  select jsonb_build_object(
    'schemaVersion', schema_version(),
    'operator', is_operator,
    'disks', disks,
    'keys', keys,
    'regions', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', regions.name,
        'accounts', (
          select coalesce(jsonb_agg(
            jsonb_build_object('name', name, 'own', id = any (asker.accounts), 'quotas', jsonb_build_object(
              'privateImages', quota_private_images, 'membersPerImage', quota_members_per_image,
              'acceptedShares', quota_accepted_shares, 'snapshots', quota_snapshots))
            || case when is_operator then jsonb_build_object('role', role) else '{}'::jsonb end
            order by position), '[]')
          from accounts
          where region = regions.name and name not like '@%' and (is_operator or id = any (asker.accounts))),
        'others', (
          select coalesce(string_agg(name || ' ' || quota_accepted_shares, E'\n' order by position), '')
          from accounts
          where region = regions.name and name not like '@%' and not is_operator and id <> all (asker.accounts))
      ) order by position), '[]')
      from regions),
    'offeredImages', (
      select coalesce(jsonb_agg(case
        when record -> 'standIn' is distinct from 'true' and region = any (array(
          select key.region from master_keys as key
          where account = '@operator' and purpose = 'sealing' and not is_enabled(key)))
        then record || '{"withheld": true}' else record end order by position), '[]')
      from offered_images),
    'sealingKeys', (
      select coalesce(jsonb_agg(jsonb_build_object('region', region, 'account', account, 'id', id)), '[]')
      from master_keys where purpose = 'sealing' and account_id = any (asker.accounts))
  )
  from settings, asker
$$;

-- Makes the region what the operator's file says: {disks, keys, regions: [{name, accounts: [{name, role, quotas}]}],
-- offeredImages: [record]}. Refuses to take out what is in use.
create or replace function apply_settings(given jsonb) returns void language plpgsql
set search_path = images, pg_temp as $$
declare
  entry record;
  names constant text[] := array(select jsonb_array_elements(given -> 'regions') ->> 'name');
begin
  perform from settings for update;
  perform note_offered(given -> 'offeredImages');
  -- Another key service makes others.
  delete from master_keys as key where (is_spare(key) or purpose = 'sealing'
    and not exists (select from objects where account_id = key.account_id))
    and exists (select from settings where keys <> given ->> 'keys');
  update settings set disks = given ->> 'disks', keys = given ->> 'keys';
  for entry in
    select region ->> 'name' as name, at_position, region -> 'accounts' as accounts
    from jsonb_array_elements(given -> 'regions') with ordinality as regions (region, at_position)
  loop
    insert into regions values (entry.name, entry.at_position)
    on conflict (name) do update set position = excluded.position;
    perform apply_account(entry.name, account, at_position::int)
    from jsonb_array_elements(entry.accounts) with ordinality as accounts (account, at_position);
    -- Owns what is offered.
    perform apply_account(entry.name, jsonb_build_object('name', '@operator', 'role', current_user, 'quotas',
      '{"privateImages": 0, "membersPerImage": 0, "acceptedShares": 0, "snapshots": 0}'::jsonb), 0);
    perform drop_accounts(entry.name, array(select jsonb_array_elements(entry.accounts) ->> 'name'));
  end loop;
  perform drop_accounts(name, '{}') from regions
  where name <> all (names);
  delete from offered_images;
  insert into offered_images
  select record ->> 'id', record ->> 'region', position, record
  from jsonb_array_elements(given -> 'offeredImages') with ordinality as images (record, position);
  delete from master_keys where account = '@operator' and region <> all (names)
    and not exists (select from objects where account_id = master_keys.account_id);
  delete from accounts where name = '@operator' and region <> all (names);
  delete from regions where name <> all (names);
  insert into contents (id, region, account, account_id)
  select device ->> 'id', owner.region, owner.name, owner.id
  from offered_images join accounts as owner on owner.region = offered_images.region and owner.name = '@operator',
    jsonb_array_elements(record -> 'deviceMappings') as device
  where record -> 'standIn' is distinct from 'true'
  on conflict (id) do nothing;
end $$;

-- Which images are offered that weren't, or otherwise, and which no more.
create or replace function note_offered(offered jsonb) returns void language plpgsql as $$
begin
  perform note(
    case when after is null then 'drop' else 'apply' end, 'offered', coalesce(before.id, after ->> 'id'),
    coalesce(after, before.record) ->> 'name', null, null,
    differing(coalesce(before.record, '{}'), coalesce(after, '{}')))
  from offered_images as before full join jsonb_array_elements(offered) as after on before.id = after ->> 'id'
  where before.record is distinct from after;
end $$;

create or replace function apply_account(of_region text, given jsonb, at_position int) returns void
language plpgsql as $$
declare
  before accounts;
  after accounts;
  quotas constant jsonb := given -> 'quotas';
  of_role constant text := coalesce(given ->> 'role', given ->> 'name');
begin
  perform make_account_role(of_role);
  select * into before from accounts where region = of_region and name = given ->> 'name';
  insert into accounts (
    region, name, position, role,
    quota_private_images, quota_members_per_image, quota_accepted_shares, quota_snapshots
  ) values (
    of_region, given ->> 'name', at_position, of_role,
    (quotas -> 'privateImages')::int, (quotas -> 'membersPerImage')::int, (quotas -> 'acceptedShares')::int,
    (quotas -> 'snapshots')::int
  ) on conflict (region, name) do update set
    position = excluded.position, role = excluded.role,
    quota_private_images = excluded.quota_private_images,
    quota_members_per_image = excluded.quota_members_per_image,
    quota_accepted_shares = excluded.quota_accepted_shares,
    quota_snapshots = excluded.quota_snapshots
  returning * into after;
  insert into place_locks (account_id) values (after.id) on conflict do nothing;
  insert into places (account_id) values (after.id) on conflict do nothing;
  insert into acceptances (account_id) values (after.id) on conflict do nothing;
  if before is distinct from after then
    perform note('apply', 'account', after.name, after.name, after.id, null,
      differing(coalesce(to_jsonb(before), '{}'), to_jsonb(after)));
  end if;
end $$;

-- A role that no one can log in as: the database's administrator grants it to those who can.
create or replace function make_account_role(of_role text) returns void language plpgsql as $$
begin
  if of_role = current_user then
    return;
  end if;
  if not exists (select from pg_catalog.pg_roles where rolname = of_role) then
    execute format('create role %I nologin', of_role);
  elsif (select rolsuper from pg_catalog.pg_roles where rolname = of_role) or of_role = 'images_client' then
    perform refuse('malformed', format('the role %s can be no account''s', of_role));
  end if;
  if not pg_catalog.pg_has_role(of_role, 'images_client', 'member') then
    execute format('grant images_client to %I', of_role);
  end if;
end $$;

create or replace function drop_accounts(of_region text, kept text[]) returns void language plpgsql as $$
declare
  dropped accounts;
begin
  for dropped in
    select * from accounts where region = of_region and name <> all (kept) and name <> '@operator'
  loop
    begin
      -- Keys that open nothing any more: what is known of them, not what their vault still has.
      delete from master_keys as key where account_id = dropped.id and (destroyed or is_spare(key)
        or purpose = 'sealing' and not exists (select from objects where account_id = dropped.id));
      delete from accounts where id = dropped.id;
    exception when foreign_key_violation then
      perform refuse('account-in-use', format(
        'account %s in region %s still has records, disks or keys', dropped.name, of_region));
    end;
    perform note('drop', 'account', dropped.name, dropped.name, null, null);
  end loop;
end $$;
