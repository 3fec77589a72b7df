-- The first users of the board. ARGV[3] how many.
-- Returns {'ok', member, -score, member, -score…}, {'moved', …}, {'incomplete'} or a reason alike.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live == '' or incomplete() then return {'incomplete'} end
-- A Redis that was restarted may hold older data, and what is shown to all must not go back. Tops
-- are read a few times a second, so asking costs little here.
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('HGET', meta, 'run_id') ~= run_id then return {'from another start of Redis'} end

local reply = redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[3]) - 1, 'WITHSCORES')
table.insert(reply, 1, 'ok')
return reply
