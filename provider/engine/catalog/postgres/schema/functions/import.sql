-- Takes in a record of another region's catalogue as it is; for the operator, who copies one. Its sources may be gone.
create or replace function import_record(kind text, record jsonb) returns jsonb language plpgsql
set search_path = images, pg_temp as $$
declare
  owner accounts;
  imported jsonb;
begin
  record := jsonb_strip_top(record);
  perform check_shape(kind, record);
  owner := account_named(record ->> 'region', record ->> 'account');
  if record ->> 'status' = 'creating' then
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
