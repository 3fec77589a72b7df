-- The first users of the board. ARGV[3] how many.
-- Returns {'ok', member, -score, member, -score…}, {'moved', …} or {'incomplete'}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live == '' or incomplete() then return {'incomplete'} end

local reply = redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[3]) - 1, 'WITHSCORES')
table.insert(reply, 1, 'ok')
return reply
