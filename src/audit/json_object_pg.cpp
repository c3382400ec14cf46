#include "audit/json_object_pg.h"

#include "boundary/raise_pg.h"

namespace gatehouse::audit {

namespace {

constexpr int kEntriesOffset = VARHDRSZ + sizeof(std::uint32_t);

}  // namespace

void JsonObject::begin(int pairs) {
  const int head = kEntriesOffset + 2 * pairs * static_cast<int>(sizeof(JEntry));
  initStringInfo(&body_);
  enlargeStringInfo(&body_, head);
  body_.len = head;
  const std::uint32_t header = static_cast<std::uint32_t>(pairs) | JB_FOBJECT;
  memcpy(body_.data + VARHDRSZ, &header, sizeof header);
  entries_ = 0;
  total_ = 0;
}

void JsonObject::close_entry(std::uint32_t type, int from) {
  const auto length = static_cast<std::uint32_t>(body_.len - from);
  total_ += length;
  if (total_ > JENTRY_OFFLENMASK) raise({Fault::kAuditRowTooLarge});
  const JEntry entry = type | (entries_ % JB_OFFSET_STRIDE == 0 ? total_ | JENTRY_HAS_OFF : length);
  memcpy(body_.data + kEntriesOffset + entries_ * sizeof(JEntry), &entry, sizeof entry);
  ++entries_;
}

// Numbers and containers begin at a multiple of four; the padding counts as part of the entry.
int JsonObject::pad() {
  const int from = body_.len;
  while (body_.len % ALIGNOF_INT != 0) appendStringInfoCharMacro(&body_, '\0');
  return from;
}

void JsonObject::add_key(std::string_view name) { add_string(name); }

void JsonObject::add_null() { close_entry(JENTRY_ISNULL, body_.len); }

void JsonObject::add_boolean(bool value) { close_entry(value ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE, body_.len); }

void JsonObject::add_string(std::string_view value) {
  const int from = body_.len;
  appendBinaryStringInfo(&body_, value.data(), static_cast<int>(value.size()));
  close_entry(JENTRY_ISSTRING, from);
}

void JsonObject::add_numeric(Numeric value) {
  if (numeric_is_nan(value) || numeric_is_inf(value)) {
    add_string(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value))));
    return;
  }
  const int from = pad();
  appendBinaryStringInfo(&body_, reinterpret_cast<const char*>(value), VARSIZE_ANY(value));
  close_entry(JENTRY_ISNUMERIC, from);
}

void JsonObject::add_jsonb(Jsonb* value) {
  if (!JB_ROOT_IS_SCALAR(value)) {
    const int from = pad();
    appendBinaryStringInfo(&body_, reinterpret_cast<const char*>(&value->root), VARSIZE(value) - VARHDRSZ);
    close_entry(JENTRY_ISCONTAINER, from);
    return;
  }
  JsonbValue scalar;
  JsonbExtractScalar(&value->root, &scalar);
  switch (scalar.type) {
    case jbvString:
      add_string({scalar.val.string.val, static_cast<std::size_t>(scalar.val.string.len)});
      break;
    case jbvNumeric:
      add_numeric(scalar.val.numeric);
      break;
    case jbvBool:
      add_boolean(scalar.val.boolean);
      break;
    default:
      add_null();
  }
}

Jsonb* JsonObject::finish() {
  SET_VARSIZE(body_.data, body_.len);
  return reinterpret_cast<Jsonb*>(body_.data);
}

}  // namespace gatehouse::audit
