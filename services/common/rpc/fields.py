"""Messages by their fields.

What becomes a part of another message is given to it as a mapping: protobuf fills the part in place,
where a message that was made before is written and read again, once for each level that it is in.
"""

from typing import Any, TypeAlias

# Values by name. The messages' stubs know no mappings, so it is of any type.
Fields: TypeAlias = Any
