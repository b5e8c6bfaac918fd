
--
-- Values.  What is not as the file says ends them, by an error that is a table.
--

local function wrong(what, field)
	error({ expert = malformed, what = field.name .. ": " .. what })
end

local function end_of_capture()
	error({ expert = cut, what = "the capture ends here" })
end

-- Returns whether the function ended well, and its result or that error.
local function attempt(...)
	local fine, result = pcall(...)

	if not fine and type(result) ~= "table" then
		error(result, 0)
	end
	return fine, result
end

-- So many bytes are left.
local function need(r, count, field)
	if r.len - r.at >= count then
		return
	elseif r.cut then
		end_of_capture()
	else
		wrong("the bytes end here", field)
	end
end

-- They are a field's.
local function take(r, count, field)
	need(r, count, field)
	r.at = r.at + count
	return r.bytes(r.at - count, count)
end

local function add(tree, shown, bytes, field)
	local item = tree:add(shown, bytes)

	if field.index then
		item:prepend_text("[" .. field.index .. "] ")
	end
	return item
end

local function take_length(r, tree, field)
	local bytes = take(r, WORD, field)

	if bytes:uint() > field.count then
		r.at = r.at - WORD
		wrong("longer than the interface allows", field)
	end
	tree:add(field.length, bytes):prepend_text("length of ")
	return bytes:uint()
end

-- Characters of UTF-8 that are not of ASCII.
local CHARACTERS = {
	"\194[\160-\191]", "[\195-\223][\128-\191]",
	"\224[\160-\191][\128-\191]", "\237[\128-\159][\128-\191]",
	"[\225-\236\238\239][\128-\191][\128-\191]",
	"\240[\144-\191][\128-\191][\128-\191]",
	"[\241-\243][\128-\191][\128-\191][\128-\191]",
	"\244[\128-\143][\128-\191][\128-\191]",
}

-- No control characters, and none that end or reorder a line.
local function is_text(text)
	local rest = text

	for _, character in ipairs(CHARACTERS) do
		rest = rest:gsub(character, ".")
	end
	return not rest:find("[%c\128-\255]") and
		not text:find("\226\128[\168-\174]") and
		not text:find("\226\129[\166-\169]")
end

-- The front of a text is shown beside its bytes.
local function add_text(item, bytes)
	local whole = bytes:len() <= TEXT
	local text = bytes(0, math.min(bytes:len(), TEXT)):raw()

	if not whole then
		-- It may be cut inside its last character.
		text = text:gsub("[\192-\255][\128-\191]*$", "")
	end
	if is_text(text) then
		item:append_text(' "' .. text .. (whole and '"' or "..."))
	end
end

local function show_bytes(r, tree, field)
	local count = field.count
	local bytes, item, rest

	if field.shape == "variable" then
		count = take_length(r, tree, field)
	end
	if count == 0 then
		return
	end
	rest = -count % WORD
	bytes = take(r, count + rest, field)
	item = add(tree, field.shown, bytes(0, count), field)
	if field.is == basics.opaque then
		add_text(item, bytes(0, count))
	end
	if rest > 0 then
		tree:add(padding, bytes(count, rest))
	end
end

local show

local function show_elements(r, tree, field)
	local begin, count = r.at, field.count
	local item

	-- An element has a word or more.
	need(r, WORD, field)
	item = tree:add(r.bytes(begin, 0), field.name)
	if field.shape == "variable" then
		count = take_length(r, item, field)
	end
	item:append_text(": " .. count .. " elements")
	for i = 0, count - 1 do
		field.element.index = i
		show(r, item, field.element)
	end
	item:set_len(r.at - begin)
end

-- Returns the value, as far as a union could switch on it.
local function show_value(r, tree, field)
	local bytes = take(r, field.is.size, field)

	add(tree, field.shown, bytes, field)
	return field.is.size == WORD and bytes:uint() or nil
end

-- What follows a discriminant.
local function arm_of(type, value)
	local other

	for _, arm in ipairs(type.arms) do
		for _, case in ipairs(arm.cases) do
			if case == value then
				return arm
			end
		end
		other = arm.default and arm or other
	end
	return other
end

local function show_body(r, tree, field)
	local type, begin = field.is, r.at
	local item, value, arm

	need(r, WORD, field)
	item = add(tree, field.shown, r.bytes(begin, 0), field)
	if type ~= field.type then
		item:append_text(": " .. field.type)
	end
	for _, member in ipairs(type.fields) do
		value = show(r, item, member)
	end
	if type.kind == "union" then
		arm = arm_of(type, value)
		if not arm then
			wrong("the union has no such case", type.fields[1])
		end
		for _, member in ipairs(arm.fields) do
			show(r, item, member)
		end
	end
	item:set_len(r.at - begin)
end

local function show_optional(r, tree, field)
	local bytes = take(r, WORD, field)

	tree:add(field.present, bytes)
	if bytes:uint() ~= 0 then
		show(r, tree, field.element)
	end
end

function show(r, tree, field)
	local value

	r.depth = r.depth + 1
	if r.depth > DEPTH then
		wrong("too many parts within each other", field)
	end
	if field.is.bytes and field.shape then
		show_bytes(r, tree, field)
	elseif field.shape == "optional" then
		show_optional(r, tree, field)
	elseif field.shape then
		show_elements(r, tree, field)
	elseif field.is.size then
		value = show_value(r, tree, field)
	else
		show_body(r, tree, field)
	end
	r.depth = r.depth - 1
	return value
end

local function show_all(r, tree, fields)
	for _, field in ipairs(fields) do
		show(r, tree, field)
	end
	if r.at < r.len then
		error({ expert = malformed, what = "no field has these bytes" })
	end
end
