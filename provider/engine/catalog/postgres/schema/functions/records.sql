-- Inserting, changing and deleting records: what holds for all kinds. A file beside this one has each kind's own rules.

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

create or replace function find_record(kind text, of_id text) returns jsonb language plpgsql volatile as $$
declare
  found_row jsonb;
begin
  case kind
    when 'image' then select to_jsonb(images) into found_row from images where id = of_id for no key update;
    when 'instance' then select to_jsonb(instances) into found_row from instances where id = of_id for no key update;
    when 'volume' then select to_jsonb(volumes) into found_row from volumes where id = of_id for no key update;
    when 'share' then select to_jsonb(shares) into found_row from shares where id = of_id for no key update;
    when 'export' then select to_jsonb(exports) into found_row from exports where id = of_id for no key update;
    else perform refuse('malformed', format('there is no kind %s', kind));
  end case;
  return found_row;
end $$;

-- A record of the caller's own account, locked; null where there is none that it sees; refuses where it sees another's.
create or replace function own_record(kind text, of_id text) returns jsonb language plpgsql volatile as $$
declare
  found_row constant jsonb := find_record(kind, of_id);
begin
  if found_row is null or is_mine((found_row ->> 'account_id')::int) then
    return found_row;
  end if;
  if kind = 'image' and of_id = any ((select shared_image_ids())::text[])
    or kind = 'share' and is_mine((found_row ->> 'member_account_id')::int) then
    perform refuse('not-yours', format('%s %s belongs to account %s', kind, of_id, found_row ->> 'account'));
  end if;
  return null;
end $$;

-- Inserts a record that the rules have let through.
create or replace function put_record(
  kind text, owner accounts, record jsonb, moment timestamptz, creator bigint
) returns jsonb language plpgsql as $$
declare
  number constant bigint := nextval('record_sequence');
  origin constant jsonb := record -> 'origin';
  attributes constant jsonb := attributes_of(record);
  of_id constant text := record ->> 'id';
  declared_by constant text := origin ->> 'declaredBy';
  token constant text := origin ->> 'creationToken';
  seen constant boolean := coalesce((origin ->> 'seen')::boolean, false);
  violated text;
begin
  case kind
    when 'image' then
      insert into images values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, creator, 'private',
        case when record -> 'source' -> 'conversion' = 'true' then record -> 'source' ->> 'id' end, attributes);
      perform tag_image(owner.id, of_id, record -> 'tags');
    when 'instance' then
      insert into instances values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, creator, attributes);
    when 'volume' then
      insert into volumes values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, creator, attributes);
    when 'share' then
      insert into shares values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, null,
        record ->> 'imageId', record ->> 'memberId',
        (select id from accounts where region = owner.region and name = record ->> 'memberId'), attributes);
    when 'export' then
      insert into exports values (
        of_id, number, owner.region, owner.name, owner.id, moment, declared_by, token, seen, creator,
        record ->> 'imageId', record ->> 'bucketUrl', attributes);
  end case;
  if kind in ('image', 'instance', 'volume') then
    perform name_contents(owner, kind, of_id, contents_of(kind, record), snapshots_of(record));
  end if;
  perform put_wrapped_key(kind, owner, of_id, record ->> 'kmsKeyId', record ->> 'wrappedKey');
  return as_record(find_record(kind, of_id)) || wrapped_field(kind, of_id);
exception when unique_violation then
  get stacked diagnostics violated = constraint_name;
  if violated like '%\_pkey' then
    perform refuse('id-taken', format('there is another %s %s', kind, of_id));
  elsif violated like '%\_creation\_token\_key' then
    perform refuse('token-taken', format('a %s of this creation stands already', kind));
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

-- Records of one kind: image, instance, volume, share, export. `creator`: the process that makes it, while it is
-- `creating`. Returns the record, dated and numbered.
create or replace function insert_record(kind text, record jsonb, creator bigint) returns jsonb language plpgsql
security definer set search_path = images, pg_temp as $$
declare
  owner accounts;
  before places;
  is_creating boolean;
  inserted jsonb;
begin
  perform check_isolation();
  record := jsonb_strip_top(record);
  perform check_shape(kind, record);
  is_creating := coalesce(record ->> 'status' = 'creating', false);
  owner := own_account(record ->> 'region', record ->> 'account');
  if is_creating then
    perform check_creator(creator);
  end if;
  if kind = 'image' then
    before := lock_places(owner.id);
  end if;
  case kind
    when 'image' then perform check_new_image(owner, record);
    when 'instance' then perform check_new_instance(owner, record);
    when 'volume' then perform check_new_volume(owner, record);
    when 'share' then perform check_new_share(owner, record);
    when 'export' then perform check_new_export(owner, record);
  end case;
  perform check_key(owner, record ->> 'kmsKeyId');
  inserted := put_record(
    kind, owner, record, clock_timestamp(), case when is_creating then creator end);
  if kind = 'image' then
    perform keep_quotas(owner, before);
  end if;
  perform note('insert', kind, record ->> 'id', title(kind, record), owner.id, record -> 'origin' ->> 'declaredBy');
  return inserted;
end $$;

-- A field given as null is taken out.
create or replace function jsonb_strip_top(given jsonb) returns jsonb language plpgsql immutable as $$
begin
  return (
    select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(given) where value <> 'null'
  );
end $$;

-- Names of the fields that differ.
create or replace function differing(one jsonb, other jsonb) returns text[] language plpgsql immutable as $$
begin
  return (
    select coalesce(array_agg(key order by key), '{}')
    from (select jsonb_object_keys(one) union select jsonb_object_keys(other)) as keys (key)
    where one -> key is distinct from other -> key
  );
end $$;

-- The fields that may change, of a record in the making or done.
create or replace function changeable(kind text, is_creating boolean) returns text[] language plpgsql immutable as $$
begin
  return (
    select array['origin'] || case kind
      when 'image' then array[
        'name', 'tags', 'description', 'minDisk', 'minRam', 'maxRam', 'nicMultiqueue', 'sriovDriver']
        || case when is_creating
          then array['status', 'sizeBytes', 'checksum', 'scratch', 'kmsKeyId', 'wrappedKey'] else '{}' end
      when 'instance' then array[
        'name', 'tags', 'scratch', 'systemDisk', 'dataDisks', 'imageId', 'os', 'encrypted', 'kmsKeyId', 'wrappedKey',
        'source', 'lineage'] || case when is_creating then array['status'] else '{}' end
      when 'volume' then array['name', 'tags']
        || case when is_creating then array['status', 'scratch', 'kmsKeyId', 'wrappedKey'] else '{}' end
      when 'export' then array['objects'] || case when is_creating then array['status'] else '{}' end
      else '{}' end
  );
end $$;

-- Changes the fields given of a record; one given as null is taken out. Returns the record.
create or replace function update_record(kind text, of_id text, changes jsonb) returns jsonb
language plpgsql security definer set search_path = images, pg_temp as $$
declare
  before_row jsonb;
  before jsonb;
  after jsonb;
  was_creating boolean;
  changed text[];
  refused text[];
  owner accounts;
begin
  perform check_isolation();
  before_row := own_record(kind, of_id);
  if before_row is null then
    perform refuse('absent', format('there is no %s %s', kind, of_id));
  end if;
  before := as_record(before_row) || wrapped_field(kind, of_id);
  after := jsonb_strip_top(before || changes);
  changed := differing(before, after);
  if changed = '{}' then
    return before;
  end if;
  was_creating := before ->> 'status' = 'creating';
  select array_agg(field) into refused
  from unnest(changed) as field where field <> all (changeable(kind, was_creating));
  if refused is not null then
    perform refuse('never-changes', format(
      'of %s %s, %s never changes', kind, of_id, array_to_string(refused, ', ')));
  end if;
  perform check_shape(kind, after);
  owner := own_account(before ->> 'region', before ->> 'account');
  if kind = 'instance' then
    perform check_changed_instance(owner, before, after, changed);
  end if;
  perform write_record(
    kind, of_id, after, case when after ->> 'status' = 'creating' then (before_row ->> 'creator')::bigint end);
  if kind in ('image', 'instance', 'volume') then
    perform rename_contents(owner, kind, of_id, before, after);
    if changed && array['wrappedKey', 'kmsKeyId'] then
      perform check_key(owner, after ->> 'kmsKeyId');
      perform put_wrapped_key(kind, owner, of_id, after ->> 'kmsKeyId', after ->> 'wrappedKey');
    end if;
  end if;
  if kind = 'image' and 'tags' = any (changed) then
    delete from image_tags where image_id = of_id;
    perform tag_image(owner.id, of_id, after -> 'tags');
  end if;
  perform note('update', kind, of_id, title(kind, after), owner.id, after -> 'origin' ->> 'declaredBy', changed);
  return after;
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
      creator = of_creator, attributes = rest where id = of_id;
    when 'instance' then update instances set declared_by = whose, creation_token = token, seen = is_seen,
      creator = of_creator, attributes = rest where id = of_id;
    when 'volume' then update volumes set declared_by = whose, creation_token = token, seen = is_seen,
      creator = of_creator, attributes = rest where id = of_id;
    when 'share' then update shares set declared_by = whose, creation_token = token, seen = is_seen,
      attributes = rest where id = of_id;
    when 'export' then update exports set declared_by = whose, creation_token = token, seen = is_seen,
      creator = of_creator, attributes = rest where id = of_id;
  end case;
exception when unique_violation then
  perform refuse('token-taken', format('a %s of this creation stands already', kind));
end $$;

create or replace function rename_contents(owner accounts, kind text, of_id text, before jsonb, after jsonb)
returns void language plpgsql as $$
declare
  had constant text[] := contents_of(kind, before);
  has constant text[] := contents_of(kind, after);
begin
  if had <> has then
    perform name_contents(
      owner, kind, of_id, array(select unnest(has) except select unnest(had)), snapshots_of(after));
    delete from disk_references where disk_id = any (had) and disk_id <> all (has)
      and of_id = case kind when 'image' then image_id when 'instance' then instance_id else volume_id end;
  end if;
end $$;

-- Deletes a record of the caller's; does nothing where there is none. Contents that nothing else names are discarded.
create or replace function delete_record(kind text, of_id text) returns void language plpgsql
security definer set search_path = images, pg_temp as $$
declare
  found_row jsonb;
begin
  perform check_isolation();
  if kind = 'image' then
    perform lock_places(account_id) from images where id = of_id and is_mine(account_id);
  end if;
  found_row := own_record(kind, of_id);
  if found_row is null then
    return;
  end if;
  case kind
    when 'image' then perform check_deleted_image(of_id);
    when 'instance' then perform check_not_being_frozen(of_id);
    else null;
  end case;
  perform remove_record(kind, of_id, 'delete');
end $$;

create or replace function remove_record(kind text, of_id text, action text) returns void language plpgsql as $$
declare
  gone record;
begin
  delete from data_keys where data_keys.kind = remove_record.kind and record_id = of_id;
  case kind
    when 'image' then delete from images where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
    when 'instance' then delete from instances where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
    when 'volume' then delete from volumes where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
    when 'share' then delete from shares where id = of_id
      returning account_id, declared_by, format('%s with %s', image_id, member_id) as name into gone;
    when 'export' then delete from exports where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
  end case;
  perform note(action, kind, of_id, gone.name, gone.account_id, gone.declared_by);
end $$;

-- Marks records of the caller's as seen by a later run.
create or replace function mark_seen(tokens text[]) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  update images set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update instances set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update volumes set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update shares set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update exports set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
end $$;
