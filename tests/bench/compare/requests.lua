-- wrk: sends the requests of a file, each whole, with a NUL between two, in random order; prints the result as JSON.
local requests = {}

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for one in file:read("*a"):gmatch("[^%z]+") do requests[#requests + 1] = one end
  math.randomseed(os.time())
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency)
  local curve = {}
  for _, p in ipairs({ 25, 50, 75, 90, 95, 99, 99.9 }) do
    curve[#curve + 1] = string.format('"%s":%.3f', p, latency:percentile(p) / 1000)
  end
  local e = summary.errors
  io.write(string.format('\nRESULT {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"timeouts":%d,"ms":{%s}}\n', summary.requests,
    summary.duration, e.status, e.connect + e.read + e.write, e.timeout, table.concat(curve, ",")))
end
