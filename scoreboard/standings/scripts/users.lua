-- Some of the users whom the live epoch holds. ARGV[3] the epoch, ARGV[4] cursor, ARGV[5] how many
-- to look at.
-- Returns {'ok', next cursor ('0' at the end), user (16 bytes)…}, {'moved', …} or
-- {'gone'}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live ~= ARGV[3] then return {'gone'} end

local found = redis.call('HSCAN', KEYS[3], ARGV[4], 'COUNT', ARGV[5])
local reply = {'ok', found[1]}
for i = 1, #found[2], 2 do
  reply[#reply + 1] = found[2][i]
end
return reply
