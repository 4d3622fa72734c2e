"""Banks reached by a call: one module each, all of them a `BankGateway` (domain/boleto/gateway.py)."""
