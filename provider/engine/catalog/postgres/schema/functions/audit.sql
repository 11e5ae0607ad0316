-- Writing down every change, for good.

create or replace function note(
  action text, kind text, id text, name text, account_id int, declared_by text, changed text[] default null
) returns void language plpgsql as $$
begin
  insert into audit (login, account_id, account, region, action, kind, id, name, declared_by, changed)
  select session_user, note.account_id, owner.name, owner.region,
    note.action, note.kind, note.id, note.name, note.declared_by, note.changed
  from (select) as always left join accounts as owner on owner.id = note.account_id;
end $$;

create or replace function keep_audit() returns trigger language plpgsql as $$
begin
  perform images.refuse('append-only', 'the audit is only ever added to');
  return null;
end $$;
