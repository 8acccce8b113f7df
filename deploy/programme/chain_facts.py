"""The 28 multiplexes that the generated programme is made for."""

from dataclasses import dataclass

CHAIN = "Cinema City Romania"
TIME_ZONE = "Europe/Bucharest"
CURRENCY = "RON"
MIN_HALLS_PER_CINEMA = 3
MAX_HALLS_PER_CINEMA = 14


@dataclass(frozen=True, slots=True)
class Cinema:
    """A multiplex; `cinema_id` is its id in the chain's feed, `phone` is E.164."""

    cinema_id: str
    name: str
    city: str
    phone: str
    halls: int


CINEMAS = (
    Cinema("1808", "Cinema City Arad", "Arad", "+40314130140", 7),
    Cinema("1804", "Cinema City Bacău", "Bacău", "+40314130060", 6),
    Cinema("1809", "Cinema City Baia Mare", "Baia Mare", "+40314130160", 6),
    Cinema("1810", "Cinema City Brăila", "Brăila", "+40314130180", 6),
    Cinema("1829", "Cinema City Brașov", "Brașov", "+40314130540", 9),
    Cinema("1828", "Cinema City Buzău", "Buzău", "+40314130520", 5),
    Cinema("1806", "Cinema City București AFI Cotroceni", "București", "+40314130100", 14),
    Cinema("1818", "Cinema City București Mega Mall", "București", "+40314130320", 13),
    Cinema("1824", "Cinema City București ParkLake", "București", "+40314130440", 13),
    Cinema("1807", "Cinema City București Sun Plaza", "București", "+40314130120", 14),
    Cinema("1819", "Cinema City Constanța City Park", "Constanța", "+40314130340", 9),
    Cinema("1813", "Cinema City Constanța VIVO!", "Constanța", "+40314130220", 8),
    Cinema("1803", "Cinema City Cluj Iulius Mall", "Cluj-Napoca", "+40314130040", 10),
    Cinema("1815", "Cinema City Cluj VIVO", "Cluj-Napoca", "+40314130260", 11),
    Cinema("1820", "Cinema City Deva", "Deva", "+40314130360", 6),
    Cinema("1821", "Cinema City Drobeta-Turnu Severin", "Drobeta-Turnu Severin", "+40314130380", 3),
    Cinema("1826", "Cinema City Galați", "Galați", "+40314130480", 6),
    Cinema("1801", "Cinema City Iași", "Iași", "+40314130000", 9),
    Cinema("1805", "Cinema City Pitești", "Pitești", "+40314130080", 8),
    Cinema("1814", "Cinema City Ploiești Shopping City", "Ploiești", "+40314130240", 10),
    Cinema("1816", "Cinema City Ploiești AFI", "Ploiești", "+40314130280", 6),
    Cinema("1825", "Cinema City Piatra-Neamț", "Piatra-Neamț", "+40314130460", 5),
    Cinema("1827", "Cinema City Râmnicu Vâlcea", "Râmnicu Vâlcea", "+40314130500", 5),
    Cinema("1822", "Cinema City Suceava", "Suceava", "+40314130400", 7),
    Cinema("1817", "Cinema City Târgu Jiu", "Târgu Jiu", "+40314130300", 5),
    Cinema("1812", "Cinema City Târgu Mureș", "Târgu Mureș", "+40314130200", 7),
    Cinema("1802", "Cinema City Timișoara Iulius Mall", "Timișoara", "+40314130020", 10),
    Cinema("1823", "Cinema City Timișoara Shopping City", "Timișoara", "+40314130420", 9),
)
