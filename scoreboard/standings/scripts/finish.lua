-- Makes the built epoch the live one: one field changes, no key is renamed, whatever their size.
-- ARGV[3] the epoch that the caller built, ARGV[4] run id of the server.
-- Returns {'ok'}, {'moved', …}, {'rebuilt by another'}, or {'incomplete'} where what was built has
-- lost keys meanwhile.
local elsewhere = moved()
if elsewhere then return elsewhere end
if building ~= ARGV[3] then return {'rebuilt by another'} end

local count = tonumber(redis.call('HGET', meta, 'count:' .. building) or '-1')
if redis.call('ZCARD', KEYS[4]) ~= count or redis.call('HLEN', KEYS[5]) ~= count then
  return {'incomplete'}
end
redis.call('HSET', meta, 'live', building, 'run_id', ARGV[4])
redis.call('HDEL', meta, 'building')
if live ~= '' then
  redis.call('UNLINK', KEYS[2], KEYS[3])
  redis.call('HDEL', meta, 'count:' .. live)
end
return {'ok'}
