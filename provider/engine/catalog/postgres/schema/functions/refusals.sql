-- Every rule that this schema refuses by, and its code. Raised with the rule as the error's constraint.

create or replace function refuse(rule text, says text) returns void language plpgsql as $$
declare
  code constant text := case rule
    when 'not-your-account' then 'IM001'
    when 'not-yours' then 'IM002'
    when 'absent' then 'IM003'
    when 'id-taken' then 'IM004'
    when 'token-taken' then 'IM005'
    when 'malformed' then 'IM006'
    when 'never-changes' then 'IM007'
    when 'not-your-process' then 'IM008'
    when 'wrong-isolation' then 'IM009'
    when 'private-images-full' then 'IM010'
    when 'snapshots-full' then 'IM011'
    when 'members-full' then 'IM012'
    when 'accepted-shares-full' then 'IM013'
    when 'declared-meanwhile' then 'IM014'
    when 'source-absent' then 'IM020'
    when 'source-not-yours' then 'IM021'
    when 'source-not-active' then 'IM022'
    when 'wrong-architecture' then 'IM023'
    when 'wrong-image-type' then 'IM024'
    when 'wrong-encryption' then 'IM025'
    when 'being-converted' then 'IM026'
    when 'being-frozen' then 'IM027'
    when 'cannot-be-shared' then 'IM030'
    when 'no-such-member' then 'IM031'
    when 'shared-with-owner' then 'IM032'
    when 'shared-already' then 'IM033'
    when 'has-members' then 'IM040'
    when 'has-conversions' then 'IM041'
    when 'has-exports' then 'IM042'
    when 'cannot-be-exported' then 'IM043'
    when 'objects-of-another' then 'IM044'
    when 'content-not-yours' then 'IM050'
    when 'content-discarded' then 'IM051'
    when 'content-whole' then 'IM052'
    when 'content-named' then 'IM053'
    when 'content-absent' then 'IM054'
    when 'content-changed' then 'IM055'
    when 'key-unusable' then 'IM060'
    when 'key-not-due' then 'IM061'
    when 'key-default-taken' then 'IM062'
    when 'key-seals-disks' then 'IM063'
    when 'append-only' then 'IM070'
    when 'operator-only' then 'IM071'
    when 'account-in-use' then 'IM080'
  end;
begin
  raise exception using errcode = code, constraint = rule, message = says;
end $$;

-- Rules look again once they hold their locks, which only this isolation lets them.
create or replace function check_isolation() returns void language plpgsql as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform refuse('wrong-isolation', 'what changes records runs in transactions that are read committed');
  end if;
end $$;
