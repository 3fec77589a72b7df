-- Who stands next to users. ARGV[3] how many above and how many below; ARGV[4…] users (16 bytes each).
-- Returns {'ok', users on the board, {place of the first from 0, users with a higher score than his,
-- {member, -score, member, -score…}} or false…}, {'moved', …} or {'incomplete'}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live == '' or incomplete() then return {'incomplete'} end

local order, users, radius = KEYS[2], KEYS[3], tonumber(ARGV[3])
local reply = {'ok', redis.call('ZCARD', order)}
for i = 4, #ARGV do
  local packed = redis.call('HGET', users, ARGV[i])
  local member = packed and member_of(ARGV[i], packed)
  if member then
    local place = redis.call('ZRANK', order, member)
    local first = math.max(place - radius, 0)
    local window = redis.call('ZRANGE', order, first, place + radius, 'WITHSCORES')
    local higher = redis.call('ZCOUNT', order, '-inf', '(' .. window[2])
    reply[#reply + 1] = {first, higher, window}
  else
    reply[#reply + 1] = false
  end
end
return reply
