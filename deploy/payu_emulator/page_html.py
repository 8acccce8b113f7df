"""The markup of the hosted page: no script, readable without colours, usable by keyboard."""

from datetime import UTC, datetime
from html import escape
from string import Template

from deploy.payu_emulator.order import Order
from deploy.payu_emulator.orders import TEST_CARD

minor_units_per_unit = 100

LAYOUT = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
h1 { font-size: 1.5rem; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
label { display: block; margin-top: .75rem; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; border: 1px solid #555; }
button { font: inherit; padding: .6rem 1.2rem; margin: 1rem .5rem 0 0; border: 1px solid #1a1a1a;
  background: #fff; color: #1a1a1a; cursor: pointer; }
button.main { background: #14532d; color: #fff; }
:focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px; }
.problem { border-left: 4px solid #b91c1c; padding: .5rem 1rem; background: #fef2f2; }
.notice { color: #444; font-size: .95rem; }
</style>
</head>
<body>
<main>
$content
</main>
</body>
</html>
""")

FORM = Template("""<h1>Pay $amount</h1>
$problem<dl>
<dt>For</dt><dd>$description</dd>
<dt>Amount</dt><dd>$amount</dd>
<dt>Pay before</dt><dd>$deadline (UTC)</dd>
</dl>
<ul>
$products
</ul>
<form method="post" action="">
<input type="hidden" name="orderId" value="$order_id">
<input type="hidden" name="token" value="$token">
<label for="card_number">Card number</label>
<input id="card_number" name="card_number" inputmode="numeric" autocomplete="off"
  maxlength="23" value="$card" aria-describedby="card_help">
<p id="card_help" class="notice">The test card $card is accepted; any other card is declined.
No real card belongs here: this is a test page, and no money moves.</p>
<label for="card_expiry">Valid to (month/year)</label>
<input id="card_expiry" name="card_expiry" inputmode="numeric" autocomplete="off" maxlength="5"
  value="$expiry">
<label for="card_code">Security code</label>
<input id="card_code" name="card_code" inputmode="numeric" autocomplete="off" maxlength="4"
  value="123">
<button class="main" name="action" value="pay">Pay $amount</button>
<button name="action" value="decline">Decline</button>
<button name="action" value="leave">Leave</button>
</form>
""")


def render_form(order: Order, now: float, problem: str = "") -> str:
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>\n' if problem else ""
    amount = written_amount(order)
    content = FORM.substitute(
        amount=escape(amount),
        problem=alert,
        description=escape(order.request.get("visibleDescription") or order.request["description"]),
        deadline=f"{datetime.fromtimestamp(order.expires_at, UTC):%H:%M:%S}",
        products="\n".join(
            f"<li>{escape(str(each['name']))} &times; {escape(each['quantity'])}</li>"
            for each in order.request["products"]
        ),
        order_id=escape(order.order_id),
        token=escape(order.page_token),
        card=TEST_CARD,
        expiry=f"12/{datetime.fromtimestamp(now, UTC).year % 100 + 1:02d}",
    )
    return LAYOUT.substitute(title=escape(f"Pay {amount}"), content=content)


def render_closed(order: Order, address: str | None) -> str:
    """Say how the order stands when it can no longer be paid here."""
    text = "The payment was authorised." if order.authorized else "Nothing was charged."
    back = f'<p><a href="{escape(address)}">Back to the shop</a></p>' if address else ""
    return render_message("This payment is closed", text, back)


def render_message(title: str, text: str, more: str = "") -> str:
    content = f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n{more}"
    return LAYOUT.substitute(title=escape(title), content=content)


def written_amount(order: Order) -> str:
    units, minor = divmod(order.total, minor_units_per_unit)
    return f"{units}.{minor:02d} {order.currency}"
