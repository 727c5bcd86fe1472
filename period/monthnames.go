package period

// A names holds the names of months, from the first, and of weekdays, from
// Monday, in long and short form. They are spelled as in DHIS2, which gives two
// Islamic months one short name.
type names struct {
	months, shortMonths [12]string
	days, shortDays     [7]string
}

var englishNames = names{
	months: [12]string{"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"},
	shortMonths: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	days: [7]string{"Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday", "Sunday"},
	shortDays: [7]string{"Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat", "Sun"},
}

var ethiopianNames = names{
	months: [12]string{"Meskerem", "Tikemet", "Hidar", "Tahesas", "Tir", "Yekatit",
		"Megabit", "Miazia", "Ginbot", "Sene", "Hamle", "Nehase"},
	shortMonths: [12]string{"Mes", "Tik", "Hid", "Tah", "Tir", "Yek",
		"Meg", "Mia", "Gin", "Sen", "Ham", "Neh"},
	days: [7]string{"Segno", "Maksegno", "Irob", "Hamus",
		"Arb", "Kidame", "Ehud"},
	shortDays: [7]string{"Seg", "Mak", "Iro", "Ham",
		"Arb", "Kid", "Ehu"},
}

var nepaliNames = names{
	months: [12]string{"Baishak", "Jestha", "Asar", "Shrawan", "Bhadra", "Ashwin",
		"Kartik", "Mangsir", "Poush", "Magh", "Falgun", "Chaitra"},
	shortMonths: [12]string{"Baishak", "Jestha", "Asar", "Shrawan", "Bhadra", "Ashwin",
		"Kartik", "Mangsir", "Poush", "Magh", "Falgun", "Chaitra"},
	days: [7]string{"Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday", "Sunday"},
	shortDays: [7]string{"Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat", "Sun"},
}

var islamicNames = names{
	months: [12]string{"Muḥarram", "Ṣafar", "Rabī‘ al-awwal", "Rabī‘ ath-thānī", "Jumādá al-ūlá", "Jumādá al-ākhirah",
		"Rajab", "Sha‘bān", "Ramaḍān", "Shawwāl", "Dhū al-Qa‘dah", "Dhū al-Ḥijjah"},
	shortMonths: [12]string{"Muh", "Saf", "Rabi' I", "Rabi' I", "Jum I", "Jum II",
		"Raj", "Sha", "Ram", "Shaw", "al-Qa", "al-Hij"},
	days: [7]string{"Yawm al-Ithnayn", "Yawm ath-Thulāthā’", "Yawm al-Arba‘ā’", "Yawm al-Khamīs",
		"Yawm al-Jum‘ah", "Yawm as-Sabt", "Yawm al-Aḥad"},
	shortDays: [7]string{"Ith", "Thu", "Arb", "Kha",
		"Jum", "Sab", "Aha"},
}

var persianNames = names{
	months: [12]string{"Hamal", "Sawr", "Jawza", "Saratan", "Asad", "Sunbula",
		"Mizan", "Aqrab", "Qaws", "Jadi", "Dalwa", "Hoot"},
	shortMonths: [12]string{"Ham", "Saw", "Jaw", "Sar", "Asa", "Sun",
		"Miz", "Aqr", "Qaw", "Jad", "Dal", "Hot"},
	days: [7]string{"Doshambe", "Seshambe", "Charshambe", "Panjshambe",
		"Jome", "Shambe", "Yekshambe"},
	shortDays: [7]string{"Dos", "Ses", "Cha", "Pan",
		"Jom", "Sha", "Yek"},
}
