-- Taking in what another region's catalogue has; for the operator, who copies one.

-- Records as they are, [{kind, record}], older ones first. Their sources may be gone. Places are counted once for all of
-- them: whoever changes one row again and again has to pass all that it was within the transaction.
create or replace function import_records(given jsonb) returns void language plpgsql
set search_path = images, pg_temp as $$
declare
  entry jsonb;
  owner accounts;
  owners constant int[] := array(
    select (account_named(region, account)).id
    from (
      select distinct each -> 'record' ->> 'region' as region, each -> 'record' ->> 'account' as account
      from jsonb_array_elements(given) as each
    ) as named
    order by 1);
begin
  perform lock_places(id) from unnest(owners) as id;
  for entry in select jsonb_array_elements(given) loop
    perform import_record(entry ->> 'kind', jsonb_strip_nulls(entry -> 'record'));
  end loop;
  for owner in select * from accounts where id = any (owners) loop
    perform count_places(owner);
  end loop;
end $$;

create or replace function import_record(kind text, record jsonb) returns void language plpgsql as $$
declare
  owner constant accounts := account_named(record ->> 'region', record ->> 'account');
begin
  perform check_shape(kind, record);
  if record ->> 'status' = 'creating' then
    perform refuse('source-not-active', format('%s %s isn''t finished', kind, record ->> 'id'));
  elsif kind = 'share' then
    perform check_new_share(owner, record);
  end if;
  perform put_record(kind, owner, record, (record ->> 'createdAt')::timestamptz, null,
    absent_contents(contents_of(kind, record)), counted => false);
  perform note('import', kind, record ->> 'id', title(kind, record), owner.id, record -> 'origin' ->> 'declaredBy');
end $$;
