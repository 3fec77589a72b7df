-- Whether the live epoch can be trusted.
-- Returns {'ok', run id stored}, {'moved', …} or {'incomplete'}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live == '' or incomplete() then return {'incomplete'} end
return {'ok', redis.call('HGET', meta, 'run_id') or ''}
