#include "audit/audited_rows_pg.h"

extern "C" {
#include "catalog/pg_proc.h"
}

namespace gatehouse::audit {

const Trigger* audit_trigger(Relation relation) {
  const TriggerDesc* triggers = relation->trigdesc;
  if (triggers == nullptr) return nullptr;
  const Oid function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("log_row_change"),
                                       PointerGetDatum(buildoidvector(nullptr, 0)),
                                       ObjectIdGetDatum(get_namespace_oid("gatehouse", true)));
  for (int i = 0; i < triggers->numtriggers; ++i) {
    if (OidIsValid(function) && triggers->triggers[i].tgfoid == function) return &triggers->triggers[i];
  }
  return nullptr;
}

}  // namespace gatehouse::audit
