-- Records as they lie in their tables, one a kind; read, found, locked and written here alone.

create or replace function iso(moment timestamptz) returns text language sql stable as $$
  select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- A row of any table of records, as the record that it is; its wrapped key apart.
create or replace function as_record(record_row jsonb) returns jsonb language plpgsql stable as $$
begin
  return (
    select (record_row -> 'attributes')
      || jsonb_build_object(
        'id', record_row -> 'id', 'sequence', record_row -> 'sequence', 'region', record_row -> 'region',
        'account', record_row -> 'account', 'createdAt', iso((record_row ->> 'created_at')::timestamptz))
      || case when record_row ->> 'creation_token' is null then '{}'::jsonb else jsonb_build_object(
        'origin', jsonb_build_object(
          'declaredBy', record_row -> 'declared_by', 'creationToken', record_row -> 'creation_token',
          'seen', record_row -> 'seen')) end
  );
end $$;

-- What the audit calls a record.
create or replace function title(kind text, record jsonb) returns text language plpgsql immutable as $$
begin
  return (
    select case kind when 'share' then format('%s with %s', record ->> 'imageId', record ->> 'memberId')
      else record ->> 'name' end
  );
end $$;

-- The fields of a record that have no column.
create or replace function attributes_of(record jsonb) returns jsonb language sql immutable as $$
  select record - array['id', 'sequence', 'region', 'account', 'createdAt', 'origin', 'wrappedKey']
$$;

create or replace function find_record(kind text, of_id text) returns jsonb language plpgsql stable as $$
declare
  found_row jsonb;
begin
  case kind
    when 'image' then select to_jsonb(images) into found_row from images where id = of_id;
    when 'instance' then select to_jsonb(instances) into found_row from instances where id = of_id;
    when 'volume' then select to_jsonb(volumes) into found_row from volumes where id = of_id;
    when 'share' then select to_jsonb(shares) into found_row from shares where id = of_id;
    when 'export' then select to_jsonb(exports) into found_row from exports where id = of_id;
    else perform refuse('malformed', format('there is no kind %s', kind));
  end case;
  return found_row;
end $$;

create or replace function lock_record(kind text, of_id text) returns jsonb language plpgsql as $$
declare
  locked jsonb;
begin
  case kind
    when 'image' then select to_jsonb(images) into locked from images where id = of_id for no key update;
    when 'instance' then select to_jsonb(instances) into locked from instances where id = of_id for no key update;
    when 'volume' then select to_jsonb(volumes) into locked from volumes where id = of_id for no key update;
    when 'share' then select to_jsonb(shares) into locked from shares where id = of_id for no key update;
    when 'export' then select to_jsonb(exports) into locked from exports where id = of_id for no key update;
  end case;
  return locked;
end $$;

-- A record of the caller's own account, locked; null where there is none that it sees; refuses where it sees another's.
-- Nobody locks what is another's: a transaction that stays open would hold up its owner.
create or replace function own_record(kind text, of_id text) returns jsonb language plpgsql volatile as $$
declare
  found_row constant jsonb := find_record(kind, of_id);
begin
  if is_mine((found_row ->> 'account_id')::int) then
    return lock_record(kind, of_id);
  elsif kind = 'image' and of_id = any ((select shared_image_ids())::text[])
    or kind = 'share' and is_mine((found_row ->> 'member_account_id')::int) then
    perform refuse('not-yours', format('%s %s belongs to account %s', kind, of_id, found_row ->> 'account'));
  end if;
  return null;
end $$;

-- Inserts a record that the rules have let through. `fresh`: contents that are nobody's before. `counted`: it takes its
-- places now.
create or replace function put_record(
  kind text, owner accounts, record jsonb, moment timestamptz, creator bigint,
  fresh text[] default '{}', copies jsonb default '[]', counted boolean default true
) returns jsonb language plpgsql as $$
declare
  number constant bigint := nextval('record_sequence');
  origin constant jsonb := record -> 'origin';
  attributes constant jsonb := attributes_of(record);
  of_id constant text := record ->> 'id';
  declared_by constant text := origin ->> 'declaredBy';
  token constant text := origin ->> 'creationToken';
  seen constant boolean := coalesce((origin ->> 'seen')::boolean, false);
  follows constant bigint := origin ->> 'follows';
  disks constant text[] := contents_of(kind, record);
  snapshots text[] := '{}';
  violated text;
begin
  case kind
    when 'image' then
      snapshots := snapshots_of(record);
      insert into images values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, follows, creator,
        'private', case when record -> 'source' -> 'conversion' = 'true' then record -> 'source' ->> 'id' end, attributes);
      if record -> 'tags' <> '{}' then
        perform tag_image(owner.id, of_id, record -> 'tags');
      end if;
      if counted then
        perform take_places(owner, snapshots, fresh);
      end if;
    when 'instance' then
      insert into instances values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, follows, creator,
        attributes);
    when 'volume' then
      insert into volumes values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, follows, creator,
        attributes);
    when 'share' then
      insert into shares values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, follows, null,
        record ->> 'imageId', record ->> 'memberId',
        (select id from accounts where region = owner.region and name = record ->> 'memberId'), attributes);
    when 'export' then
      insert into exports values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, follows, creator,
        record ->> 'imageId', record ->> 'bucketUrl', attributes);
  end case;
  if disks <> '{}' then
    perform name_contents(owner, kind, of_id, disks, snapshots, fresh, copies);
  end if;
  if record ? 'wrappedKey' then
    perform put_wrapped_key(kind, owner, of_id, record ->> 'kmsKeyId', record ->> 'wrappedKey');
  end if;
  return record #- '{origin, follows}'
    || jsonb_build_object('sequence', number, 'createdAt', iso(moment::timestamptz(3)));
exception when unique_violation then
  get stacked diagnostics violated = constraint_name;
  if violated like '%\_pkey' then
    perform refuse('id-taken', format('there is another %s %s', kind, of_id));
  elsif violated like '%\_creation\_token\_%' then
    perform refuse('token-taken', format('a %s of this creation stands already', kind));
  elsif violated like '%\_by\_declaration' then
    perform refuse('declared-meanwhile', format('a %s of this declaration was made meanwhile', kind));
  elsif violated = 'shares_image_id_member_id_key' then
    perform refuse('shared-already', format(
      'image %s is shared with account %s already', record ->> 'imageId', record ->> 'memberId'));
  end if;
  raise;
end $$;

create or replace function tag_image(account int, of_id text, tags jsonb) returns void language plpgsql as $$
begin
  insert into image_tags (image_id, account_id, key, value)
  select of_id, account, key, value from jsonb_each_text(tags);
end $$;

create or replace function write_record(kind text, of_id text, record jsonb, of_creator bigint) returns void
language plpgsql as $$
declare
  origin constant jsonb := record -> 'origin';
  whose constant text := origin ->> 'declaredBy';
  token constant text := origin ->> 'creationToken';
  is_seen constant boolean := coalesce((origin ->> 'seen')::boolean, false);
  rest constant jsonb := attributes_of(record);
begin
  case kind
    when 'image' then update images set declared_by = whose, creation_token = token, seen = is_seen,
      follows = case when declared_by = whose then follows end,
      creator = of_creator, attributes = rest where id = of_id;
    when 'instance' then update instances set declared_by = whose, creation_token = token, seen = is_seen,
      follows = case when declared_by = whose then follows end,
      creator = of_creator, attributes = rest where id = of_id;
    when 'volume' then update volumes set declared_by = whose, creation_token = token, seen = is_seen,
      follows = case when declared_by = whose then follows end,
      creator = of_creator, attributes = rest where id = of_id;
    when 'share' then update shares set declared_by = whose, creation_token = token, seen = is_seen,
      follows = case when declared_by = whose then follows end,
      attributes = rest where id = of_id;
    when 'export' then update exports set declared_by = whose, creation_token = token, seen = is_seen,
      follows = case when declared_by = whose then follows end,
      creator = of_creator, attributes = rest where id = of_id;
  end case;
exception when unique_violation then
  perform refuse('token-taken', format('a %s of this creation stands already', kind));
end $$;
