-- Makes the built epoch the live one: one field changes, no key is renamed, whatever their size.
-- ARGV[3] the epoch that the caller built, ARGV[4] run id of the server when it began.
-- Returns {'ok'}, {'moved', …}, {'taken'}, or {'incomplete'} where what was built, or the live
-- epoch beside it, has lost keys meanwhile.
local elsewhere = moved()
if elsewhere then return elsewhere end
if building ~= ARGV[3] then return {'taken'} end
-- Writers that were refused by a damaged live epoch did not reach this one either.
if live ~= '' and incomplete() then return {'incomplete'} end

if lacks_users(building, KEYS[4], KEYS[5]) then return {'incomplete'} end
redis.call('HSET', meta, 'live', building, 'run_id', ARGV[4])
redis.call('HDEL', meta, 'building', 'progressed_at')
if live ~= '' then
  redis.call('UNLINK', KEYS[2], KEYS[3])
  redis.call('HDEL', meta, 'count:' .. live, 'suspended:' .. live)
end
return {'ok'}
