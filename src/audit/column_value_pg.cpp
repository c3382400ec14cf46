#include "audit/column_value_pg.h"

extern "C" {
#include "catalog/pg_proc.h"
#include "utils/typcache.h"
}

namespace gatehouse::audit {

namespace {

ValueForm form_of(Oid type) {
  switch (type) {
    case BOOLOID:
      return ValueForm::kBoolean;
    case BYTEAOID:
      return ValueForm::kBytea;
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      return ValueForm::kDateTime;
    case FLOAT4OID:
      return ValueForm::kFloat4;
    case FLOAT8OID:
      return ValueForm::kFloat8;
    case INT2OID:
      return ValueForm::kInt2;
    case INT4OID:
      return ValueForm::kInt4;
    case INT8OID:
      return ValueForm::kInt8;
    case JSONBOID:
      return ValueForm::kJsonb;
    case NAMEOID:
      return ValueForm::kName;
    case NUMERICOID:
      return ValueForm::kNumeric;
    case BPCHAROID:
    case TEXTOID:
    case VARCHAROID:
      return ValueForm::kText;
    case UUIDOID:
      return ValueForm::kUuid;
    default:
      return ValueForm::kToJsonb;
  }
}

// InvalidOid where nobody has made one.
Oid cast_to_json(Oid type) {
  Oid function = InvalidOid;
  return find_coercion_pathway(JSONOID, type, COERCION_EXPLICIT, &function) == COERCION_PATH_FUNC ? function : InvalidOid;
}

// Whether the text of such values could depend on a setting. Only what is known not to is let off:
// interval_out and bytea_out are marked immutable and yet depend on settings.
bool depends_on_session(Oid type) {
  const Oid base = getBaseType(type);
  const Oid element = get_element_type(base);
  if (OidIsValid(element)) return depends_on_session(element);
  switch (base) {
    case BITOID:
    case CHAROID:
    case CIDROID:
    case INETOID:
    case JSONOID:
    case MACADDROID:
    case MACADDR8OID:
    case OIDOID:
    case TIMEOID:
    case VARBITOID:
    case XID8OID:
      return false;
    // Elements of arrays that to_jsonb writes as JSON and not by an output function.
    case BOOLOID:
    case BPCHAROID:
    case DATEOID:
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case JSONBOID:
    case NAMEOID:
    case NUMERICOID:
    case TEXTOID:
    case TIMESTAMPOID:
    case UUIDOID:
    case VARCHAROID:
      return false;
  }
  if (!type_is_enum(base)) return true;
  // An enumeration's text is its label, unless somebody has made a cast to json, which to_jsonb would use.
  return OidIsValid(cast_to_json(base));
}

bool is_trusted(Oid role, Oid table_owner) { return role == table_owner || superuser_arg(role); }

Oid owner_of_function(Oid function) {
  HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) return InvalidOid;
  const Oid owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proowner;
  ReleaseSysCache(tuple);
  return owner;
}

// A type that somebody has made, of which no part is a type of its own for to_jsonb.
bool is_own_scalar(Oid base) {
  return base >= FirstNormalObjectId && !OidIsValid(get_element_type(base)) && !type_is_rowtype(base);
}

// What to_jsonb would meet in values of a type.
struct Contents {
  bool strangers_cast;
  bool attributes;
};

void look_into(Oid type, Oid table_owner, Contents& contents) {
  check_stack_depth();
  const Oid base = getBaseType(type);
  if (base < FirstNormalObjectId) return;
  const Oid element = get_element_type(base);
  if (OidIsValid(element)) return look_into(element, table_owner, contents);
  if (!type_is_rowtype(base)) {
    const Oid cast = cast_to_json(base);
    if (OidIsValid(cast) && !is_trusted(owner_of_function(cast), table_owner)) contents.strangers_cast = true;
    return;
  }
  contents.attributes = true;
  TupleDesc descriptor = lookup_rowtype_tupdesc_copy(base, -1);
  for (int i = 0; i < descriptor->natts; ++i) {
    const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (!attribute->attisdropped) look_into(attribute->atttypid, table_owner, contents);
  }
  FreeTupleDesc(descriptor);
}

FmgrInfo* output_of(Oid type) {
  Oid output;
  bool is_varlena;
  getTypeOutputInfo(type, &output, &is_varlena);
  auto* function = static_cast<FmgrInfo*>(palloc(sizeof(FmgrInfo)));
  fmgr_info_cxt(output, function, CurrentMemoryContext);
  return function;
}

// to_jsonb learns the type of its argument from the expression that calls it.
FmgrInfo* to_jsonb_of(Oid type) {
  auto* function = static_cast<FmgrInfo*>(palloc(sizeof(FmgrInfo)));
  fmgr_info_cxt(F_TO_JSONB, function, CurrentMemoryContext);
  Node* argument = reinterpret_cast<Node*>(makeNullConst(type, -1, InvalidOid));
  fmgr_info_set_expr(reinterpret_cast<Node*>(makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(argument), InvalidOid,
                                                          InvalidOid, COERCE_EXPLICIT_CALL)),
                     function);
  return function;
}

void add_uuid(JsonObject& object, const pg_uuid_t* value) {
  constexpr char kDigits[] = "0123456789abcdef";
  char text[36];
  int at = 0;
  for (int i = 0; i < UUID_LEN; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = kDigits[value->data[i] >> 4];
    text[at++] = kDigits[value->data[i] & 0xF];
  }
  object.add_string({text, sizeof text});
}

void add_bytea(JsonObject& object, const bytea* value) {
  const std::size_t size = VARSIZE_ANY_EXHDR(value);
  char* text = static_cast<char*>(palloc(2 + 2 * size));
  text[0] = '\\';
  text[1] = 'x';
  hex_encode(VARDATA_ANY(value), size, text + 2);
  object.add_string({text, 2 + 2 * size});
}

// `text` is the shortest that reads back as the same number.
void add_float(JsonObject& object, char* text) {
  const Datum number =
      DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  object.add_numeric(DatumGetNumeric(number));
}

}  // namespace

ValuePlan plan_value(Oid type, Oid table_owner) {
  const Oid base = getBaseType(type);
  ValuePlan plan = {.type = base, .form = form_of(base), .session_dependent = false, .has_attributes = false, .function = nullptr};
  if (plan.form != ValueForm::kToJsonb) return plan;
  Contents contents = {};
  look_into(base, table_owner, contents);
  plan.has_attributes = contents.attributes;
  plan.session_dependent = depends_on_session(base);
  // Without a cast its text is what to_jsonb gives, which would look for one at each call and find what has been made since.
  const bool is_text = contents.strangers_cast || (is_own_scalar(base) && !OidIsValid(cast_to_json(base)));
  if (is_text) plan.form = ValueForm::kOutput;
  plan.function = is_text ? output_of(base) : to_jsonb_of(base);
  return plan;
}

void add_value(JsonObject& object, const ValuePlan& plan, Datum value, NeutralSettings& settings) {
  switch (plan.form) {
    case ValueForm::kBoolean:
      object.add_boolean(DatumGetBool(value));
      break;
    case ValueForm::kBytea:
      add_bytea(object, DatumGetByteaPP(value));
      break;
    case ValueForm::kDateTime: {
      char text[MAXDATELEN + 1];
      const int utc = 0;
      JsonEncodeDateTime(text, value, plan.type, plan.type == TIMESTAMPTZOID ? &utc : nullptr);
      object.add_string(text);
      break;
    }
    case ValueForm::kFloat4: {
      char text[FLOAT_SHORTEST_DECIMAL_LEN];
      float_to_shortest_decimal_buf(DatumGetFloat4(value), text);
      add_float(object, text);
      break;
    }
    case ValueForm::kFloat8: {
      char text[DOUBLE_SHORTEST_DECIMAL_LEN];
      double_to_shortest_decimal_buf(DatumGetFloat8(value), text);
      add_float(object, text);
      break;
    }
    case ValueForm::kInt2:
      object.add_numeric(int64_to_numeric(DatumGetInt16(value)));
      break;
    case ValueForm::kInt4:
      object.add_numeric(int64_to_numeric(DatumGetInt32(value)));
      break;
    case ValueForm::kInt8:
      object.add_numeric(int64_to_numeric(DatumGetInt64(value)));
      break;
    case ValueForm::kJsonb:
      object.add_jsonb(DatumGetJsonbP(value));
      break;
    case ValueForm::kName:
      object.add_string(NameStr(*DatumGetName(value)));
      break;
    case ValueForm::kNumeric:
      object.add_numeric(DatumGetNumeric(value));
      break;
    case ValueForm::kOutput:
      if (plan.session_dependent) settings.enter();
      object.add_string(OutputFunctionCall(plan.function, value));
      break;
    case ValueForm::kText: {
      const text* string = DatumGetTextPP(value);
      object.add_string({VARDATA_ANY(string), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(string))});
      break;
    }
    case ValueForm::kToJsonb:
      if (plan.session_dependent) settings.enter();
      object.add_jsonb(DatumGetJsonbP(FunctionCall1(plan.function, value)));
      break;
    case ValueForm::kUuid:
      add_uuid(object, DatumGetUUIDP(value));
      break;
  }
}

}  // namespace gatehouse::audit
