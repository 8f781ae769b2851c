-- Asks for one thing as many people in turn, and prints what they were answered. Its argument is a file with a token a line.

local tokens, turn = {}, 0
answers = {}

function init(arguments)
  for token in io.lines(arguments[1]) do
    tokens[#tokens + 1] = "Bearer " .. token
  end
end

function request()
  turn = turn % #tokens + 1
  return wrk.format("GET", nil, { ["authorization"] = tokens[turn] })
end

function response(status, _, body)
  local answer = status .. " " .. (body:match('"code":"([%a-]+)"') or "")
  answers[answer] = (answers[answer] or 0) + 1
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function done(summary, latency, _)
  for _, thread in ipairs(threads) do
    for answer, count in pairs(thread:get("answers")) do
      print(string.format("answer %d %s", count, answer))
    end
  end
  local errors = summary.errors
  print(string.format("unanswered %d", errors.connect + errors.read + errors.write + errors.timeout))
  for _, percentile in ipairs({ 50, 99 }) do
    print(string.format("latency %d %d", percentile, latency:percentile(percentile)))
  end
  print(string.format("latency 100 %d", latency.max))
end
