-- Removes an epoch that is being built. ARGV[3] its name, ARGV[4] seconds: only where it has made
-- no progress for so long.
-- Returns {'ok', 1 where removed, else 0} or {'moved', …}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if building ~= ARGV[3] or idle_s() < tonumber(ARGV[4]) then return {'ok', 0} end

redis.call('UNLINK', KEYS[4], KEYS[5])
redis.call('HDEL', meta, 'building', 'progressed_at', 'count:' .. building, 'suspended:' .. building)
return {'ok', 1}
