"""Time zones as facts: countries with their zones, cities, former names, abbreviations, and what is most used.

Names of zones and countries are from the time zone database's zone.tab, iso3166.tab and backward (public domain).
Only literals live here; `zones` gives them meaning. In the long texts a semicolon ends an entry.
"""

from __future__ import annotations

# A country's names, then its zones, those of most people first.
COUNTRIES = """
Afghanistan: Asia/Kabul; Albania: Europe/Tirane; Algeria: Africa/Algiers; American Samoa: Pacific/Pago_Pago;
Andorra: Europe/Andorra; Angola: Africa/Luanda; Anguilla: America/Anguilla; Antarctica: Antarctica/McMurdo
Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Mawson Antarctica/Palmer Antarctica/Rothera
Antarctica/Syowa Antarctica/Troll Antarctica/Vostok; Antigua and Barbuda: America/Antigua; Argentina:
America/Argentina/Buenos_Aires America/Argentina/Cordoba America/Argentina/Salta America/Argentina/Jujuy
America/Argentina/Tucuman America/Argentina/Catamarca America/Argentina/La_Rioja America/Argentina/San_Juan
America/Argentina/Mendoza America/Argentina/San_Luis America/Argentina/Rio_Gallegos America/Argentina/Ushuaia;
Armenia: Asia/Yerevan; Aruba: America/Aruba; Australia: Australia/Sydney Australia/Melbourne Australia/Brisbane
Australia/Perth Australia/Adelaide Australia/Darwin Australia/Hobart Australia/Lord_Howe Antarctica/Macquarie
Australia/Broken_Hill Australia/Lindeman Australia/Eucla; Austria: Europe/Vienna; Azerbaijan: Asia/Baku; Åland
Islands: Europe/Mariehamn; Bahamas: America/Nassau; Bahrain: Asia/Bahrain; Bangladesh: Asia/Dhaka; Barbados:
America/Barbados; Belarus: Europe/Minsk; Belgium: Europe/Brussels; Belize: America/Belize; Benin: Africa/Porto-Novo;
Bermuda: Atlantic/Bermuda; Bhutan: Asia/Thimphu; Bolivia: America/La_Paz; Bosnia and Herzegovina, Bosnia:
Europe/Sarajevo; Botswana: Africa/Gaborone; Brazil: America/Sao_Paulo America/Manaus America/Fortaleza America/Bahia
America/Recife America/Noronha America/Belem America/Araguaina America/Maceio America/Campo_Grande America/Cuiaba
America/Santarem America/Porto_Velho America/Boa_Vista America/Eirunepe America/Rio_Branco; British Indian Ocean
Territory: Indian/Chagos; British Virgin Islands: America/Tortola; Brunei: Asia/Brunei; Bulgaria: Europe/Sofia;
Burkina Faso: Africa/Ouagadougou; Burundi: Africa/Bujumbura; Cambodia: Asia/Phnom_Penh; Cameroon: Africa/Douala;
Canada: America/Toronto America/Vancouver America/Edmonton America/Winnipeg America/Halifax America/Regina
America/St_Johns America/Glace_Bay America/Moncton America/Goose_Bay America/Blanc-Sablon America/Iqaluit
America/Atikokan America/Resolute America/Rankin_Inlet America/Swift_Current America/Cambridge_Bay America/Inuvik
America/Creston America/Dawson_Creek America/Fort_Nelson America/Whitehorse America/Dawson; Cape Verde, Cabo Verde:
Atlantic/Cape_Verde; Caribbean Netherlands, Bonaire: America/Kralendijk; Cayman Islands: America/Cayman; Central
African Republic: Africa/Bangui; Chad: Africa/Ndjamena; Chile: America/Santiago America/Coyhaique
America/Punta_Arenas Pacific/Easter; China: Asia/Shanghai Asia/Urumqi; Christmas Island: Indian/Christmas; Cocos
Islands: Indian/Cocos; Colombia: America/Bogota; Comoros: Indian/Comoro; Cook Islands: Pacific/Rarotonga; Costa
Rica: America/Costa_Rica; Côte d'Ivoire, Ivory Coast: Africa/Abidjan; Croatia: Europe/Zagreb; Cuba: America/Havana;
Curaçao: America/Curacao; Cyprus: Asia/Nicosia Asia/Famagusta; Czechia, Czech Republic: Europe/Prague; Denmark:
Europe/Copenhagen; Djibouti: Africa/Djibouti; Dominica: America/Dominica; Dominican Republic: America/Santo_Domingo;
DR Congo, Democratic Republic of the Congo: Africa/Kinshasa Africa/Lubumbashi; Ecuador: America/Guayaquil
Pacific/Galapagos; Egypt: Africa/Cairo; El Salvador: America/El_Salvador; Equatorial Guinea: Africa/Malabo; Eritrea:
Africa/Asmara; Estonia: Europe/Tallinn; Eswatini, Swaziland: Africa/Mbabane; Ethiopia: Africa/Addis_Ababa; Falkland
Islands: Atlantic/Stanley; Faroe Islands: Atlantic/Faroe; Fiji: Pacific/Fiji; Finland: Europe/Helsinki; France:
Europe/Paris; French Guiana: America/Cayenne; French Polynesia: Pacific/Tahiti Pacific/Marquesas Pacific/Gambier;
French Southern Territories: Indian/Kerguelen; Gabon: Africa/Libreville; Gambia: Africa/Banjul; Georgia:
Asia/Tbilisi; Germany: Europe/Berlin Europe/Busingen; Ghana: Africa/Accra; Gibraltar: Europe/Gibraltar; Greece:
Europe/Athens; Greenland: America/Nuuk America/Danmarkshavn America/Scoresbysund America/Thule; Grenada:
America/Grenada; Guadeloupe: America/Guadeloupe; Guam: Pacific/Guam; Guatemala: America/Guatemala; Guernsey:
Europe/Guernsey; Guinea: Africa/Conakry; Guinea-Bissau: Africa/Bissau; Guyana: America/Guyana; Haiti:
America/Port-au-Prince; Honduras: America/Tegucigalpa; Hong Kong: Asia/Hong_Kong; Hungary: Europe/Budapest; Iceland:
Atlantic/Reykjavik; India: Asia/Kolkata; Indonesia: Asia/Jakarta Asia/Makassar Asia/Jayapura Asia/Pontianak; Iran:
Asia/Tehran; Iraq: Asia/Baghdad; Ireland: Europe/Dublin; Isle of Man: Europe/Isle_of_Man; Israel: Asia/Jerusalem;
Italy: Europe/Rome; Jamaica: America/Jamaica; Japan: Asia/Tokyo; Jersey: Europe/Jersey; Jordan: Asia/Amman;
Kazakhstan: Asia/Almaty Asia/Qyzylorda Asia/Qostanay Asia/Aqtobe Asia/Aqtau Asia/Atyrau Asia/Oral; Kenya:
Africa/Nairobi; Kiribati: Pacific/Tarawa Pacific/Kanton Pacific/Kiritimati; Kuwait: Asia/Kuwait; Kyrgyzstan:
Asia/Bishkek; Laos: Asia/Vientiane; Latvia: Europe/Riga; Lebanon: Asia/Beirut; Lesotho: Africa/Maseru; Liberia:
Africa/Monrovia; Libya: Africa/Tripoli; Liechtenstein: Europe/Vaduz; Lithuania: Europe/Vilnius; Luxembourg:
Europe/Luxembourg; Macau: Asia/Macau; Madagascar: Indian/Antananarivo; Malawi: Africa/Blantyre; Malaysia:
Asia/Kuala_Lumpur Asia/Kuching; Maldives: Indian/Maldives; Mali: Africa/Bamako; Malta: Europe/Malta; Marshall
Islands: Pacific/Majuro Pacific/Kwajalein; Martinique: America/Martinique; Mauritania: Africa/Nouakchott; Mauritius:
Indian/Mauritius; Mayotte: Indian/Mayotte; Mexico: America/Mexico_City America/Monterrey America/Tijuana
America/Cancun America/Merida America/Matamoros America/Chihuahua America/Ciudad_Juarez America/Ojinaga
America/Mazatlan America/Bahia_Banderas America/Hermosillo; Micronesia: Pacific/Chuuk Pacific/Pohnpei
Pacific/Kosrae; Moldova: Europe/Chisinau; Monaco: Europe/Monaco; Mongolia: Asia/Ulaanbaatar Asia/Hovd; Montenegro:
Europe/Podgorica; Montserrat: America/Montserrat; Morocco: Africa/Casablanca; Mozambique: Africa/Maputo; Myanmar,
Burma: Asia/Yangon; Namibia: Africa/Windhoek; Nauru: Pacific/Nauru; Nepal: Asia/Kathmandu; Netherlands, Holland:
Europe/Amsterdam; New Caledonia: Pacific/Noumea; New Zealand: Pacific/Auckland Pacific/Chatham; Nicaragua:
America/Managua; Niger: Africa/Niamey; Nigeria: Africa/Lagos; Niue: Pacific/Niue; Norfolk Island: Pacific/Norfolk;
North Korea: Asia/Pyongyang; North Macedonia, Macedonia: Europe/Skopje; Northern Mariana Islands: Pacific/Saipan;
Norway: Europe/Oslo; Oman: Asia/Muscat; Pakistan: Asia/Karachi; Palau: Pacific/Palau; Palestine: Asia/Gaza
Asia/Hebron; Panama: America/Panama; Papua New Guinea: Pacific/Port_Moresby Pacific/Bougainville; Paraguay:
America/Asuncion; Peru: America/Lima; Philippines: Asia/Manila; Pitcairn: Pacific/Pitcairn; Poland: Europe/Warsaw;
Portugal: Europe/Lisbon Atlantic/Madeira Atlantic/Azores; Puerto Rico: America/Puerto_Rico; Qatar: Asia/Qatar;
Republic of the Congo, Congo: Africa/Brazzaville; Réunion: Indian/Reunion; Romania: Europe/Bucharest; Russia,
Russian Federation: Europe/Moscow Asia/Yekaterinburg Asia/Novosibirsk Asia/Krasnoyarsk Asia/Vladivostok
Europe/Kaliningrad Europe/Kirov Europe/Volgograd Europe/Astrakhan Europe/Saratov Europe/Ulyanovsk Europe/Samara
Asia/Omsk Asia/Barnaul Asia/Tomsk Asia/Novokuznetsk Asia/Irkutsk Asia/Chita Asia/Yakutsk Asia/Khandyga Asia/Ust-Nera
Asia/Magadan Asia/Sakhalin Asia/Srednekolymsk Asia/Kamchatka Asia/Anadyr; Rwanda: Africa/Kigali; Saint Martin:
America/Marigot; Samoa: Pacific/Apia; San Marino: Europe/San_Marino; Sao Tome and Principe: Africa/Sao_Tome; Saudi
Arabia: Asia/Riyadh; Senegal: Africa/Dakar; Serbia: Europe/Belgrade; Seychelles: Indian/Mahe; Sierra Leone:
Africa/Freetown; Singapore: Asia/Singapore; Sint Maarten: America/Lower_Princes; Slovakia: Europe/Bratislava;
Slovenia: Europe/Ljubljana; Solomon Islands: Pacific/Guadalcanal; Somalia: Africa/Mogadishu; South Africa:
Africa/Johannesburg; South Georgia: Atlantic/South_Georgia; South Korea, Korea: Asia/Seoul; South Sudan:
Africa/Juba; Spain: Europe/Madrid Africa/Ceuta Atlantic/Canary; Sri Lanka: Asia/Colombo; St Barthelemy:
America/St_Barthelemy; St Helena: Atlantic/St_Helena; St Kitts and Nevis: America/St_Kitts; St Lucia:
America/St_Lucia; St Pierre and Miquelon: America/Miquelon; St Vincent: America/St_Vincent; Sudan: Africa/Khartoum;
Suriname: America/Paramaribo; Svalbard and Jan Mayen, Svalbard: Arctic/Longyearbyen; Sweden: Europe/Stockholm;
Switzerland: Europe/Zurich; Syria: Asia/Damascus; Taiwan: Asia/Taipei; Tajikistan: Asia/Dushanbe; Tanzania:
Africa/Dar_es_Salaam; Thailand: Asia/Bangkok; Timor-Leste, East Timor: Asia/Dili; Togo: Africa/Lome; Tokelau:
Pacific/Fakaofo; Tonga: Pacific/Tongatapu; Trinidad and Tobago, Trinidad: America/Port_of_Spain; Tunisia:
Africa/Tunis; Turkmenistan: Asia/Ashgabat; Turks and Caicos Islands: America/Grand_Turk; Tuvalu: Pacific/Funafuti;
Türkiye, Turkey: Europe/Istanbul; Uganda: Africa/Kampala; Ukraine: Europe/Kyiv Europe/Simferopol; United Arab
Emirates, UAE: Asia/Dubai; United Kingdom, UK, Great Britain, Britain, England, Scotland, Wales, Northern Ireland:
Europe/London; United States, USA, US, America, United States of America: America/New_York America/Chicago
America/Los_Angeles America/Denver America/Phoenix America/Detroit America/Anchorage Pacific/Honolulu
America/Kentucky/Louisville America/Kentucky/Monticello America/Indiana/Indianapolis America/Indiana/Vincennes
America/Indiana/Winamac America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay
America/Indiana/Tell_City America/Indiana/Knox America/Menominee America/North_Dakota/Center
America/North_Dakota/New_Salem America/North_Dakota/Beulah America/Boise America/Juneau America/Sitka
America/Metlakatla America/Yakutat America/Nome America/Adak; Uruguay: America/Montevideo; US minor outlying
islands: Pacific/Midway Pacific/Wake; US Virgin Islands: America/St_Thomas; Uzbekistan: Asia/Tashkent
Asia/Samarkand; Vanuatu: Pacific/Efate; Vatican City, Vatican: Europe/Vatican; Venezuela: America/Caracas; Vietnam:
Asia/Ho_Chi_Minh; Wallis and Futuna: Pacific/Wallis; Western Sahara: Africa/El_Aaiun; Yemen: Asia/Aden; Zambia:
Africa/Lusaka; Zimbabwe: Africa/Harare
"""

# Countries whose people live by several clocks: naming one of these says too little.
SPLIT_COUNTRIES = """
Antarctica; Australia; Brazil; Canada; DR Congo; Indonesia; Kiribati; Mexico; Micronesia; Russia; United States;
US minor outlying islands
"""

# Cities and regions that no zone is named after, and other spellings, by the zone they keep.
CITIES = """
Africa/Cairo: Alexandria; Africa/Casablanca: Rabat, Marrakesh; Africa/Johannesburg: Cape Town, Durban, Pretoria;
Africa/Lagos: Abuja, Ibadan, Kano; Africa/Nairobi: Mombasa; Africa/Dar_es_Salaam: Dodoma; Africa/Douala: Yaounde;
Africa/Abidjan: Yamoussoukro; Africa/Accra: Kumasi; America/Argentina/Buenos_Aires: Rosario, La Plata;
America/Anchorage: Alaska, Fairbanks; America/Bogota: Medellin, Cali; America/Caracas: Maracaibo;
America/Chicago: Texas, Houston, Dallas, Austin, San Antonio, Fort Worth, Minneapolis, St Louis, New Orleans,
Nashville, Memphis, Milwaukee, Kansas City, Oklahoma City, Madison, Urbana-Champaign, Illinois, Minnesota, Wisconsin;
America/Denver: Colorado, Boulder, Salt Lake City, Utah, Albuquerque, Santa Fe, Los Alamos, New Mexico;
America/Detroit: Ann Arbor, Michigan; America/Edmonton: Calgary, Alberta; America/Fortaleza: Natal, Sao Luis;
America/Guayaquil: Quito; America/Halifax: Nova Scotia; America/Bahia: Salvador; America/Santo_Domingo: Santiago de los
Caballeros; America/Los_Angeles: San Francisco, Bay Area, Silicon Valley, California, San Diego, San Jose, Seattle,
Portland, Las Vegas, Sacramento, Oakland, Berkeley, Stanford, Palo Alto, Mountain View, Pasadena, Nevada;
America/Managua: Leon; America/Mexico_City: Guadalajara, Puebla, CDMX; America/Montevideo: Punta del Este;
America/New_York: NYC, New York City, Boston, Cambridge MA, Massachusetts, Washington, Washington DC, Philadelphia,
Pittsburgh,
Pennsylvania, Princeton, New Jersey, Atlanta, Miami, Orlando, Florida, Baltimore, Charlotte, Raleigh, North Carolina,
Virginia, Cleveland, Columbus, Cincinnati, Ohio, Buffalo, Ithaca, New Haven, Connecticut, Brooklyn, Manhattan;
America/Phoenix: Arizona, Tucson; America/Santiago: Valparaiso, Concepcion; America/Sao_Paulo: Rio de Janeiro, Rio,
Brasilia, Belo Horizonte, Curitiba, Porto Alegre, Campinas, Florianopolis; America/Puerto_Rico: San Juan;
America/Toronto: Montreal, Montréal, Ottawa, Quebec, Waterloo, Ontario; America/Vancouver: British Columbia;
America/Winnipeg: Manitoba; America/Regina: Saskatoon, Saskatchewan; America/La_Paz: Santa Cruz de la Sierra;
America/St_Johns: Newfoundland; America/Costa_Rica: San José Costa Rica; Asia/Aden: Sanaa; Asia/Almaty: Astana;
Asia/Baghdad: Basra, Erbil; Asia/Bangkok: Chiang Mai, กรุงเทพ; Asia/Colombo: Kandy; Asia/Dhaka: Chittagong, ঢাকা;
Asia/Dubai: Abu Dhabi, Sharjah, دبي; Asia/Ho_Chi_Minh: Hanoi, Hà Nội, Da Nang, Saigon, Ho Chi Minh City;
Asia/Hong_Kong: 香港, HK; Asia/Jakarta: Bandung, Surabaya, Yogyakarta; Asia/Jerusalem: Tel Aviv, Haifa;
Asia/Karachi: Lahore, Islamabad, Rawalpindi, Faisalabad; Asia/Kathmandu: Pokhara; Asia/Kolkata: Mumbai, Bombay, Delhi,
New Delhi, दिल्ली, Bangalore, Bengaluru, Chennai, Madras, Hyderabad, Pune, Ahmedabad, Kanpur, Jaipur, Lucknow;
Asia/Makassar: Bali, Denpasar; Asia/Manila: Quezon City, Cebu, Davao; Asia/Riyadh: Jeddah, Mecca, Medina, Thuwal;
Asia/Seoul: 서울, Busan, Daejeon, Incheon; Asia/Shanghai: Beijing, Peking, 北京, 上海, Shenzhen, 深圳, Guangzhou,
Hangzhou, Nanjing, Wuhan, Chengdu, Tianjin, Hefei, Suzhou; Asia/Taipei: 台北, 臺北, Hsinchu, Kaohsiung;
Asia/Tehran: Isfahan, Mashhad, Shiraz, تهران; Asia/Tokyo: 東京, Osaka, 大阪, Kyoto, 京都, Yokohama, Nagoya, Sapporo,
Fukuoka, Kobe, Sendai, Tsukuba; Asia/Urumqi: Xinjiang; Asia/Yekaterinburg: Chelyabinsk, Perm, Ufa;
Asia/Kuala_Lumpur: Penang, KL; Asia/Phnom_Penh: Siem Reap; Asia/Yangon: Mandalay; Atlantic/Canary: Las Palmas, Tenerife;
Australia/Brisbane: Gold Coast, Cairns, Queensland; Australia/Sydney: Canberra, New South Wales, NSW;
Australia/Hobart: Tasmania;
Europe/Amsterdam: Rotterdam, The Hague, Den Haag, Utrecht, Eindhoven, Delft, Groningen, Leiden;
Europe/Athens: Αθήνα, Thessaloniki; Europe/Belgrade: Novi Sad; Europe/Berlin: München, Munich, Muenchen, Hamburg, Köln,
Koeln, Cologne, Frankfurt, Stuttgart, Düsseldorf, Duesseldorf, Leipzig, Dresden, Hannover, Nürnberg, Nuremberg, Bremen,
Karlsruhe, Heidelberg, Tübingen, Tuebingen, Freiburg, Göttingen, Goettingen, Aachen, Bonn, Darmstadt, Saarbrücken;
Europe/Brussels: Bruxelles, Antwerp, Ghent, Leuven; Europe/Bucharest: București, Cluj; Europe/Copenhagen: København,
Aarhus; Europe/Dublin: Cork, Galway; Europe/Helsinki: Espoo, Tampere; Europe/Istanbul: Ankara, Izmir, Constantinople;
Europe/Kyiv: Київ, Kiev, Lviv, Kharkiv, Odesa; Europe/Lisbon: Lisboa, Porto; Europe/London: Edinburgh, Glasgow,
Manchester, Birmingham, Oxford, Cambridge, Cambridge UK, Bristol, Leeds, Liverpool, Cardiff, Belfast, Sheffield;
Europe/Madrid: Barcelona, Valencia, Sevilla, Seville, Bilbao, Zaragoza, Málaga; Europe/Moscow: Москва, Moskva,
Saint Petersburg, St Petersburg, Санкт-Петербург, Kazan, Nizhny Novgorod; Europe/Oslo: Bergen, Trondheim;
Europe/Paris: Lyon, Marseille, Toulouse, Nice, Grenoble, Lille, Bordeaux, Nantes, Strasbourg, Rennes, Montpellier;
Europe/Prague: Praha, Brno; Europe/Rome: Roma, Milan, Milano, Naples, Turin, Torino, Florence, Bologna, Pisa, Padova,
Venice, Trento, Genoa; Europe/Sofia: София; Europe/Stockholm: Gothenburg, Göteborg, Malmö, Uppsala, Lund, Linköping;
Europe/Vienna: Wien, Graz, Linz, Salzburg, Innsbruck; Europe/Vilnius: Kaunas; Europe/Warsaw: Warszawa, Krakow, Kraków,
Wroclaw, Poznan, Gdansk, Lodz; Europe/Zurich: Zürich, Zuerich, Geneva, Genève, Genf, Basel, Bern, Lausanne, Lugano;
Pacific/Auckland: Wellington, Christchurch, Dunedin; Pacific/Honolulu: Hawaii
"""

# Names that zones had before: each is still a zone of the database, but perhaps not on every machine.
FORMER_NAMES = """
Africa/Asmara: Africa/Asmera; Africa/Bamako: Africa/Timbuktu; Africa/Cairo: Egypt; Africa/Tripoli: Libya;
America/Adak: America/Atka US/Aleutian; America/Anchorage: US/Alaska; America/Argentina/Buenos_Aires:
America/Buenos_Aires; America/Argentina/Catamarca: America/Argentina/ComodRivadavia America/Catamarca;
America/Argentina/Cordoba: America/Cordoba America/Rosario; America/Argentina/Jujuy: America/Jujuy;
America/Argentina/Mendoza: America/Mendoza; America/Atikokan: America/Coral_Harbour; America/Chicago: US/Central
CST6CDT; America/Denver: America/Shiprock Navajo US/Mountain MST7MDT; America/Detroit: US/Michigan;
America/Edmonton: America/Yellowknife Canada/Mountain; America/Halifax: Canada/Atlantic; America/Havana: Cuba;
America/Indiana/Indianapolis: America/Fort_Wayne America/Indianapolis US/East-Indiana; America/Indiana/Knox:
America/Knox_IN US/Indiana-Starke; America/Iqaluit: America/Pangnirtung; America/Jamaica: Jamaica;
America/Kentucky/Louisville: America/Louisville; America/Los_Angeles: US/Pacific PST8PDT; America/Manaus:
Brazil/West; America/Mazatlan: Mexico/BajaSur; America/Mexico_City: Mexico/General; America/New_York: US/Eastern
EST5EDT; America/Noronha: Brazil/DeNoronha; America/Nuuk: America/Godthab; America/Phoenix: US/Arizona;
America/Regina: Canada/Saskatchewan; America/Rio_Branco: America/Porto_Acre Brazil/Acre; America/Santiago:
Chile/Continental; America/Sao_Paulo: Brazil/East; America/St_Johns: Canada/Newfoundland; America/St_Thomas:
America/Virgin; America/Tijuana: America/Ensenada America/Santa_Isabel Mexico/BajaNorte; America/Toronto:
America/Montreal America/Nipigon America/Thunder_Bay Canada/Eastern; America/Vancouver: Canada/Pacific;
America/Whitehorse: Canada/Yukon; America/Winnipeg: America/Rainy_River Canada/Central; Antarctica/McMurdo:
Antarctica/South_Pole; Arctic/Longyearbyen: Atlantic/Jan_Mayen; Asia/Ashgabat: Asia/Ashkhabad; Asia/Dhaka:
Asia/Dacca; Asia/Ho_Chi_Minh: Asia/Saigon; Asia/Hong_Kong: Hongkong; Asia/Jerusalem: Asia/Tel_Aviv Israel;
Asia/Kathmandu: Asia/Katmandu; Asia/Kolkata: Asia/Calcutta; Asia/Macau: Asia/Macao; Asia/Makassar:
Asia/Ujung_Pandang; Asia/Nicosia: Europe/Nicosia; Asia/Seoul: ROK; Asia/Shanghai: Asia/Chongqing Asia/Chungking
Asia/Harbin PRC; Asia/Singapore: Singapore; Asia/Taipei: ROC; Asia/Tehran: Iran; Asia/Thimphu: Asia/Thimbu;
Asia/Tokyo: Japan; Asia/Ulaanbaatar: Asia/Choibalsan Asia/Ulan_Bator; Asia/Urumqi: Asia/Kashgar; Asia/Yangon:
Asia/Rangoon; Atlantic/Faroe: Atlantic/Faeroe; Atlantic/Reykjavik: Iceland; Australia/Adelaide: Australia/South;
Australia/Brisbane: Australia/Queensland; Australia/Broken_Hill: Australia/Yancowinna; Australia/Darwin:
Australia/North; Australia/Hobart: Australia/Currie Australia/Tasmania; Australia/Lord_Howe: Australia/LHI;
Australia/Melbourne: Australia/Victoria; Australia/Perth: Australia/West; Australia/Sydney: Australia/ACT
Australia/Canberra Australia/NSW; Europe/Chisinau: Europe/Tiraspol; Europe/Dublin: Eire; Europe/Istanbul:
Asia/Istanbul Turkey; Europe/Kyiv: Europe/Kiev Europe/Uzhgorod Europe/Zaporozhye; Europe/Lisbon: Portugal;
Europe/London: Europe/Belfast GB GB-Eire; Europe/Moscow: W-SU; Europe/Warsaw: Poland; Pacific/Auckland: NZ;
Pacific/Chatham: NZ-CHAT; Pacific/Chuuk: Pacific/Truk Pacific/Yap; Pacific/Easter: Chile/EasterIsland;
Pacific/Honolulu: Pacific/Johnston US/Hawaii; Pacific/Kanton: Pacific/Enderbury; Pacific/Kwajalein: Kwajalein;
Pacific/Pago_Pago: Pacific/Samoa US/Samoa; Pacific/Pohnpei: Pacific/Ponape; UTC: Etc/GMT+0 Etc/GMT-0 Etc/GMT0
Etc/Greenwich Etc/UCT Etc/Universal Etc/Zulu GMT GMT+0 GMT-0 GMT0 Greenwich UCT Universal Zulu Etc/UTC Etc/GMT
"""

# What people write for the clock they live by, summer or winter; of several meanings the one most people have.
# EST, MST, HST, CET, MET, EET and WET are zones of their own too: the first three have no summer time.
ABBREVIATIONS = {
    "UTC": "UTC GMT Z Zulu",
    "Europe/London": "BST",
    "Europe/Lisbon": "WET WEST",
    "Europe/Berlin": "CET CEST MEZ MESZ MET MEST",
    "Europe/Athens": "EET EEST OEZ OESZ",
    "Europe/Moscow": "MSK",
    "Europe/Istanbul": "TRT",
    "Africa/Lagos": "WAT",
    "Africa/Maputo": "CAT",
    "Africa/Nairobi": "EAT",
    "Africa/Johannesburg": "SAST",
    "Asia/Dubai": "GST",
    "Asia/Tehran": "IRST",
    "Asia/Karachi": "PKT",
    "Asia/Kolkata": "IST",
    "Asia/Kathmandu": "NPT",
    "Asia/Jakarta": "WIB",
    "Asia/Bangkok": "ICT",
    "Asia/Hong_Kong": "HKT",
    "Asia/Singapore": "SGT",
    "Asia/Manila": "PHT",
    "Asia/Tokyo": "JST",
    "Asia/Seoul": "KST",
    "Australia/Perth": "AWST",
    "Australia/Adelaide": "ACST ACDT",
    "Australia/Sydney": "AEST AEDT",
    "Pacific/Auckland": "NZST NZDT",
    "America/St_Johns": "NST NDT",
    "America/Halifax": "AST ADT Atlantic",
    "America/New_York": "EST EDT ET Eastern",
    "America/Chicago": "CST CDT CT Central",
    "America/Denver": "MST MDT MT Mountain",
    "America/Los_Angeles": "PST PDT PT Pacific",
    "America/Anchorage": "AKST AKDT",
    "Pacific/Honolulu": "HST",
    "America/Sao_Paulo": "BRT",
    "America/Argentina/Buenos_Aires": "ART",
    "America/Santiago": "CLT CLST",
    "America/Bogota": "COT",
    "America/Lima": "PET",
    "America/Caracas": "VET",
}

# Offsets without whole hours have no zone of their own: the zone with that standard time and most people.
# Those of St John's, Lord Howe and Chatham change in summer, as nobody there keeps them all year.
BROKEN_OFFSETS = {
    -570: "Pacific/Marquesas",
    -210: "America/St_Johns",
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    630: "Australia/Lord_Howe",
    765: "Pacific/Chatham",
}

# Offered before anything is typed: the clocks most people live by, each once.
FIRST_OFFERED = """
America/New_York Europe/Berlin Europe/London America/Los_Angeles America/Chicago Asia/Kolkata Asia/Tokyo
Asia/Shanghai America/Sao_Paulo America/Denver Australia/Sydney Europe/Athens Europe/Moscow Asia/Singapore
Asia/Dubai Asia/Jakarta Africa/Lagos America/Mexico_City Asia/Karachi Africa/Johannesburg Asia/Dhaka
Pacific/Auckland America/Halifax Pacific/Honolulu UTC
"""

# The zones of most people after those, in an order of our own that settles what equally fits.
MOST_USED = """
Europe/Paris Asia/Seoul Europe/Madrid Europe/Rome Europe/Istanbul Europe/Amsterdam Europe/Zurich America/Toronto
Asia/Hong_Kong Asia/Taipei Asia/Bangkok Asia/Ho_Chi_Minh Asia/Manila Asia/Jerusalem Europe/Warsaw Europe/Stockholm
Europe/Vienna Europe/Brussels Europe/Lisbon Europe/Copenhagen Europe/Oslo Europe/Helsinki Europe/Prague
Europe/Dublin Europe/Budapest Europe/Bucharest Europe/Kyiv America/Vancouver America/Phoenix
America/Argentina/Buenos_Aires America/Bogota America/Lima America/Santiago America/Caracas Africa/Cairo
Africa/Nairobi Africa/Casablanca Africa/Algiers Asia/Tehran Asia/Riyadh Asia/Baghdad Asia/Tashkent Asia/Almaty
Asia/Yekaterinburg Asia/Kathmandu Asia/Colombo Asia/Yangon Asia/Kabul Asia/Kuala_Lumpur Asia/Novosibirsk
Asia/Vladivostok Australia/Melbourne Australia/Brisbane Australia/Perth Australia/Adelaide Australia/Darwin
America/Anchorage America/Detroit America/Edmonton America/Winnipeg America/St_Johns Atlantic/Azores
Atlantic/Cape_Verde Atlantic/Reykjavik America/Noronha Pacific/Noumea Pacific/Fiji Pacific/Tongatapu Pacific/Apia
Pacific/Kiritimati Pacific/Chatham Pacific/Marquesas Pacific/Pago_Pago Australia/Eucla Australia/Lord_Howe
"""

# Discord's locales, and the zone most people who use each live in.
LOCALES = {
    "bg": "Europe/Sofia",
    "cs": "Europe/Prague",
    "da": "Europe/Copenhagen",
    "de": "Europe/Berlin",
    "el": "Europe/Athens",
    "en-GB": "Europe/London",
    "en-US": "America/New_York",
    "es-419": "America/Mexico_City",
    "es-ES": "Europe/Madrid",
    "fi": "Europe/Helsinki",
    "fr": "Europe/Paris",
    "hi": "Asia/Kolkata",
    "hr": "Europe/Zagreb",
    "hu": "Europe/Budapest",
    "id": "Asia/Jakarta",
    "it": "Europe/Rome",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "lt": "Europe/Vilnius",
    "nl": "Europe/Amsterdam",
    "no": "Europe/Oslo",
    "pl": "Europe/Warsaw",
    "pt-BR": "America/Sao_Paulo",
    "ro": "Europe/Bucharest",
    "ru": "Europe/Moscow",
    "sv-SE": "Europe/Stockholm",
    "th": "Asia/Bangkok",
    "tr": "Europe/Istanbul",
    "uk": "Europe/Kyiv",
    "vi": "Asia/Ho_Chi_Minh",
    "zh-CN": "Asia/Shanghai",
    "zh-TW": "Asia/Taipei",
}
