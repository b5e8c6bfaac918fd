
--
-- Messages (RFC 5531, section 9).
--

local xids, payloads = Field.new("rpc.xid"), Field.new("data.data")
local program_of = Field.new("rpc.program")
local version_of = Field.new("rpc.programversion")
local procedure_of = Field.new("rpc.procedure")
local CALL = 0
-- By who calls whom, and the xid: the calls, in the order of the capture.
local calls = {}

function proto.init()
	calls = {}
end

local function find(program, version, procedure)
	local of = programs[program]

	of = of and of[version]
	return of and of[procedure]
end

-- Where a credential or verifier ends.
local function after_auth(word, at)
	local size = word(at + WORD)

	return at + 2 * WORD + size + -size % WORD
end

-- How many of the calls are of a packet or of those before it.
local function count_until(list, number)
	local count = #list

	while count > 0 and list[count].number > number do
		count = count - 1
	end
	return count
end

-- Packets may be looked at again, and in any order.
local function note_call(key, number, procedure)
	local list = calls[key] or {}
	local count = count_until(list, number)

	calls[key] = list
	if count == 0 or list[count].number < number then
		table.insert(list, count + 1,
			{ number = number, procedure = procedure })
	end
end

-- The procedure that a reply is from.  Where its call was not looked at, the
-- dissector of RPC says it, of the only message of a packet.
local function called(key, number, is_only)
	local list = calls[key] or {}
	local count = count_until(list, number)
	local program, version, procedure

	if count > 0 then
		return list[count].procedure
	end
	program, version, procedure =
		program_of(), version_of(), procedure_of()
	return is_only and program and
		find(program.value, version.value, procedure.value)
end

-- A call's fields, and where they begin.
local function read_call(word, at, procedure)
	return procedure.arguments, after_auth(word, after_auth(word, at + 24))
end

-- Likewise; a reply without a result has none.
local function read_reply(word, at, procedure)
	if word(at + 8) ~= 0 then
		return nil
	end
	at = after_auth(word, at + 12)
	if word(at) ~= 0 then
		return nil
	end
	return procedure.results, at + WORD
end

-- Two fields are only compared where they are bytes of one buffer.
local function share(a, b)
	return (pcall(function() return a < b end))
end

-- The arguments or the result that begin there; nil: it has no bytes.
local function payload_at(all_payloads, xid, at)
	for _, payload in ipairs(all_payloads) do
		if payload.offset == at and share(payload, xid) then
			return payload.range
		end
	end
end

-- Whether a message ends there.  False also for what somebody else has taken
-- apart.
local function ends_at(source, begin, at)
	return at == source:len() or begin >= WORD and
		source(begin - WORD, WORD):bitfield(1, 31) == at - begin
end

local function show_message(tree, all_payloads, xid, message)
	local fields, at = message.fields, message.at
	local source = xid.source
	local bytes = fields and payload_at(all_payloads, xid, at)
	local root = tree:add(proto, bytes or xid.range)
	local r = {
		bytes = bytes or xid.range,
		len = bytes and bytes:len() or 0,
		at = 0,
		depth = 0,
		cut = source:len() < source:reported_len(),
	}
	local fine, problem = true, nil

	root:append_text(", " .. message.title)
	root:add(procedure_name, xid.range, message.procedure.name)
		:set_generated()
	if bytes or fields and ends_at(source, xid.offset, at) then
		fine, problem = attempt(show_all, r, root, fields)
	end
	if not fine then
		root:add_proto_expert_info(problem.expert, problem.what)
	end
end

-- What a message is about; nil: not about a procedure of the file.
local function read(xid, pinfo, is_only)
	local source, at = xid.source, xid.offset
	local from = tostring(pinfo.src) .. " " .. pinfo.src_port
	local to = tostring(pinfo.dst) .. " " .. pinfo.dst_port
	local word = function(where)
		if where + WORD > source:len() then
			end_of_capture()
		end
		return source(where, WORD):uint()
	end
	local is_call = word(at + WORD) == CALL
	local key = table.concat(is_call and { word(at), from, to }
		or { word(at), to, from }, " ")
	local one = {}

	if is_call then
		one.procedure =
			find(word(at + 12), word(at + 16), word(at + 20))
		note_call(key, pinfo.number, one.procedure)
	else
		one.procedure = called(key, pinfo.number, is_only)
	end
	if not one.procedure then
		return nil
	end
	one.title = one.procedure.name .. (is_call and " call" or " reply")
	one.fields, one.at =
		(is_call and read_call or read_reply)(word, at, one.procedure)
	return one
end

function proto.dissector(_, pinfo, tree)
	local all_xids, all_payloads = { xids() }, { payloads() }
	local titles = {}

	for _, xid in ipairs(all_xids) do
		local fine, message =
			attempt(read, xid, pinfo, #all_xids == 1)

		-- Of a header that was cut the dissector of RPC tells.
		if fine and message then
			titles[#titles + 1] = message.title
			show_message(tree, all_payloads, xid, message)
		end
	end
	if #titles > 0 then
		pinfo.cols.protocol:set(NAME)
		-- What the dissector of RPC says there has numbers.
		pinfo.cols.info:clear_fence()
		pinfo.cols.info:set(table.concat(titles, "; "))
	end
end

register_postdissector(proto)
