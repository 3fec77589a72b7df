-- Begins to build an epoch aside. ARGV[3] its name; ARGV[4] '1' where the live one is not true any
-- more and must be forgotten at once, so that readers turn to the ledger; ARGV[5] seconds: another
-- build that made progress within them is left alone, 0 takes over from any.
-- Returns {'ok'}, {'moved', …} or {'busy', seconds since the other's progress}.
local elsewhere = moved()
if elsewhere then return elsewhere end

if building ~= '' then
  if idle_s() < tonumber(ARGV[5]) then return {'busy', idle_s()} end
  redis.call('UNLINK', KEYS[4], KEYS[5])
  redis.call('HDEL', meta, 'count:' .. building, 'suspended:' .. building)
end
if ARGV[4] == '1' and live ~= '' then
  redis.call('UNLINK', KEYS[2], KEYS[3])
  redis.call('HDEL', meta, 'live', 'count:' .. live, 'suspended:' .. live)
end
redis.call('HSET', meta, 'building', ARGV[3], 'count:' .. ARGV[3], 0)
tell_progress()
return {'ok'}
