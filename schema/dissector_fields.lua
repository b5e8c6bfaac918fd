--
-- What follows is the same for every interface: it shows the tables above.
--
-- Wireshark's own dissector of RPC finds the messages, joins their fragments,
-- and leaves arguments and results as data.  When it is done, this one takes
-- these apart: each byte belongs to one field.
--

-- Without this it leaves alone what it has no name for.
set_preference("rpc.dissect_unknown_programs", true)

local DEPTH = 256 -- parts within each other
local WORD = 4
local TEXT = 64 -- bytes of a text that are shown

-- A protocol of Wireshark's may have the name.
local free, proto = pcall(Proto.new, NAME, "RPC of " .. FILE)
if not free then
	NAME = NAME .. "_x"
	proto = Proto.new(NAME, "RPC of " .. FILE)
end

local function number_of(make)
	return function(path, name, words, line)
		return make(path, name, base.DEC, words, nil, line)
	end
end

local function real_of(make)
	return function(path, name, _, line)
		return make(path, name, nil, line)
	end
end

local function bytes_of(make)
	return function(path, name, _, line)
		return make(path, name, base.NONE, line)
	end
end

local function container(path, name, _, line)
	return ProtoField.none(path, name, line)
end

-- The types that the language has, as types of a file are.
local basics = {
	["int"] = { size = 4, make = number_of(ProtoField.int32) },
	["unsigned int"] = { size = 4, make = number_of(ProtoField.uint32) },
	["hyper"] = { size = 8, make = number_of(ProtoField.int64) },
	["unsigned hyper"] = { size = 8, make = number_of(ProtoField.uint64) },
	["float"] = { size = 4, make = real_of(ProtoField.float) },
	["double"] = { size = 8, make = real_of(ProtoField.double) },
	["quadruple"] = { size = 16, make = bytes_of(ProtoField.bytes) },
	["bool"] = {
		size = 4,
		make = number_of(ProtoField.uint32),
		words = { [0] = "FALSE", [1] = "TRUE" },
	},
	["opaque"] = { bytes = true, make = bytes_of(ProtoField.bytes) },
	["string"] = { bytes = true, make = bytes_of(ProtoField.string) },
}
-- Words before a value.
local length = { make = number_of(ProtoField.uint32) }
local present = {
	make = number_of(ProtoField.uint32),
	words = { [0] = "absent", [1] = "present" },
}

--
-- Fields of Wireshark: one for each declaration, called after the type and the
-- field, or the procedure.
--

local made = {}

-- Fields of the same path share one, unless they are of other types.
local function declare(path, field, type)
	while made[path] and made[path].type ~= type do
		path = path .. "_"
	end
	if not made[path] then
		made[path] = { type = type, shown = type.make(path, field.name,
			type.words, FILE .. ", line " .. field.line) }
	end
	return made[path].shown
end

-- One of an array's, or what is there when an optional value is.
local function element_of(field)
	local type = types[field.type]
	local like = { type = field.type }

	if type and type.kind == "alias" then
		like = type.fields[1]
	end
	return {
		name = field.name,
		line = field.line,
		type = like.type,
		shape = like.shape,
		count = like.count,
	}
end

local prepare_body

-- What has a name, or stands there.
local function type_of(field)
	local type = basics[field.type] or types[field.type] or field.type

	if type.kind == "enum" then
		type.size = WORD
		type.make = number_of(ProtoField.int32)
	elseif type.kind then
		type.make = container
	end
	return type
end

-- Gives a declaration its type and what it is shown by.
local function prepare(field, path)
	field.is = type_of(field)
	if field.shape == "variable" then
		field.length = declare(path .. ".length", field, length)
	elseif field.shape == "optional" then
		field.present = declare(path .. ".present", field, present)
	end
	if not field.shape or field.is.bytes then
		-- A body without a name is of this field alone.
		if field.is == field.type then
			prepare_body(field.is, path)
		end
		field.shown = declare(path, field, field.is)
	else
		field.element = element_of(field)
		prepare(field.element, path)
	end
end

local function prepare_all(fields, path)
	for _, field in ipairs(fields) do
		prepare(field, path .. "." .. field.name)
	end
end

function prepare_body(type, path)
	prepare_all(type.fields or {}, path)
	for _, arm in ipairs(type.arms or {}) do
		prepare_all(arm.fields, path)
	end
end

for name, type in pairs(types) do
	-- An alias is taken apart where it is used.
	if type.kind ~= "alias" then
		prepare_body(type, NAME .. "." .. name)
	end
end
for _, program in pairs(programs) do
	for _, version in pairs(program) do
		for _, procedure in pairs(version) do
			local path = NAME .. "." .. procedure.name

			prepare_all(procedure.arguments, path)
			prepare_all(procedure.results, path)
		end
	end
end

local padding = ProtoField.bytes(NAME .. ".padding", "padding")
local procedure_name = ProtoField.string(NAME .. ".procedure", "procedure")
local malformed = ProtoExpert.new(NAME .. ".malformed", "not of " .. FILE,
	expert.group.MALFORMED, expert.severity.ERROR)
local cut = ProtoExpert.new(NAME .. ".cut", "the capture ends here",
	expert.group.UNDECODED, expert.severity.NOTE)
local all = { padding, procedure_name }
for _, one in pairs(made) do
	all[#all + 1] = one.shown
end
proto.fields = all
proto.experts = { malformed, cut }
